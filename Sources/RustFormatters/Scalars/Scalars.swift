import Expressions
import Symbols

/// rustc: library/core/src/num/nonzero.rs. `NonZero<u32>(NonZeroU32Inner(u32))`, zero is corrupt.
struct NonZeroFormatter: ValueFormatter {
  let heads =
    ["core::num::nonzero::NonZero"]
    + ["8", "16", "32", "64", "128", "size"].flatMap {
      ["core::num::nonzero::NonZeroI" + $0, "core::num::nonzero::NonZeroU" + $0]
    }

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let number = try value.scalar().named(value.path)
    guard try number.bits() != 0 else { throw value.corrupt("`NonZero` is zero") }
    return .transparent(number, note: nil)
  }
}

/// `Option<T>`: for those who look inside; printed as the enum that it is.
struct OptionFormatter: ValueFormatter {
  let heads = ["core::option::Option"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    guard let active = try value.activeVariant() else { return nil }
    return .optional(try active.payload?.memberIfPresent(named: "0")?.named(value.path))
  }
}

/// rustc: library/core/src/time.rs. `Duration { secs: u64, nanos: Nanoseconds(u32) }`.
struct DurationFormatter: ValueFormatter {
  let heads = ["core::time::Duration"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let seconds = try value.field("secs").unsigned()
    let nanoseconds = try value.field("nanos").unsigned()
    guard nanoseconds < 1_000_000_000 else {
      throw value.corrupt("\(nanoseconds) nanoseconds in a second")
    }
    return .text(Self.text(seconds: seconds, nanoseconds: nanoseconds))
  }

  /// `1.5s`, `20ms`, `7ns`, as Rust prints them.
  static func text(seconds: UInt64, nanoseconds: UInt64) -> String {
    if seconds > 0 { return decimal(seconds, nanoseconds, digits: 9) + "s" }
    if nanoseconds >= 1_000_000 {
      return decimal(nanoseconds / 1_000_000, nanoseconds % 1_000_000, digits: 6) + "ms"
    }
    if nanoseconds >= 1000 {
      return decimal(nanoseconds / 1000, nanoseconds % 1000, digits: 3) + "µs"
    }
    return "\(nanoseconds)ns"
  }

  private static func decimal(_ whole: UInt64, _ part: UInt64, digits: Int) -> String {
    guard part > 0 else { return "\(whole)" }
    var text = String(part)
    text = String(repeating: "0", count: digits - text.count) + text
    while text.hasSuffix("0") { text.removeLast() }
    return "\(whole).\(text)"
  }
}
