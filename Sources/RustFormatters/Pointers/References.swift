import Expressions
import Symbols

/// `Box<T>`: a pointer of that name, since rustc describes it as one; a structure with other
/// allocators and before 1.50.
struct BoxFormatter: ValueFormatter {
  let heads = ["alloc::boxed::Box"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    switch try value.bareType().kind {
    case .pointer(.some): return .transparent(try value.dereferenced().named(value.path), note: nil)
    case .structure:
      // A fat one is for `FatPointerFormatter`.
      guard try value.sizedMembers().count == 1, try value.pointeeType() != nil else { return nil }
      return .transparent(try value.dereferenced().named(value.path), note: nil)
    default: return nil
    }
  }
}

/// `&T` and `&mut T`. Raw pointers are shown as addresses: they may point anywhere.
struct ReferenceFormatter: ValueFormatter {
  let heads: [String] = []

  func view(of value: Value) throws(ValueError) -> ValueView? {
    guard case .pointer(.some) = try value.bareType().kind, value.type.name.hasPrefix("&") else {
      return nil
    }
    return .transparent(try value.dereferenced().named(value.path), note: nil)
  }
}
