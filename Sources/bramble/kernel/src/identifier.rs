//! Numbers that name kernel objects: a type of its own for each kind.

use core::fmt;

macro_rules! identifier {
    ($(#[$comment:meta])* $name:ident) => {
        $(#[$comment])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub usize);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

identifier! {
    /// A thread; the first one is 101.
    Tid
}
identifier! {
    /// A domain; 0 is the kernel's.
    DomainId
}
identifier! {
    /// An address space; 0 is the kernel's.
    SpaceId
}
identifier! {
    /// An endpoint; the first one is 1.
    EndpointId
}
identifier! {
    /// A notification; the first one is 1.
    NotificationId
}
identifier! {
    /// A device's line at the interrupt controller.
    IrqId
}

identifier! {
    /// A frame; the first one is 1.
    FrameId
}

/// Shows `None` as the `-` of the truth lines.
pub struct OrDash<T>(pub Option<T>);

impl<T: fmt::Display> fmt::Display for OrDash<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(formatter),
            None => formatter.write_str("-"),
        }
    }
}
