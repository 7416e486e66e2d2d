//! Enumerations that cross the boundary as numbers.

/// `numbered! { Name: u64 { First = 0, Second = 1, } }` makes an enum, `Name::ALL`, and
/// `Name::from_number` for numbers that nobody vouches for.
macro_rules! numbered {
    ($(#[$about:meta])* $name:ident: $word:ident {
        $($(#[$comment:meta])* $value:ident = $number:literal,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr($word)]
        pub enum $name {
            $($(#[$comment])* $value = $number,)*
        }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$value,)*];

            pub fn from_number(number: $word) -> Option<$name> {
                match number {
                    $($number => Some($name::$value),)*
                    _ => None,
                }
            }
        }
    };
}
