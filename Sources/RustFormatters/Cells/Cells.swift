import Expressions
import Symbols

/// Types that only wrap one field: what matters is inside.
struct OnlyFieldFormatter: ValueFormatter {
  let heads = [
    "core::cell::UnsafeCell", "core::cell::SyncUnsafeCell", "core::cell::Cell",
    "core::cell::once::OnceCell", "core::mem::manually_drop::ManuallyDrop",
    "core::mem::maybe_dangling::MaybeDangling", "core::pin::Pin", "core::ptr::unique::Unique",
    "core::ptr::non_null::NonNull", "core::num::wrapping::Wrapping",
    "core::num::saturating::Saturating",
  ]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let members = try value.sizedMembers()
    guard members.count <= 1 else {
      throw value.unknown("`\(value.type.shortName)` has \(members.count) fields")
    }
    guard let name = members.first?.name else { return nil }
    return .transparent(try value.field(name).named(value.path), note: nil)
  }
}

/// `MaybeUninit<T>`: whether it is set, only the program knows.
struct MaybeUninitFormatter: ValueFormatter {
  let heads = ["core::mem::maybe_uninit::MaybeUninit"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    .transparent(try value.field("value"), note: "perhaps uninitialised")
  }
}

/// rustc: library/core/src/cell.rs. `RefCell { borrow: Cell<isize>, value: UnsafeCell<T> }`; `borrow`
/// counts readers, a negative number counts writers.
struct RefCellFormatter: ValueFormatter {
  let heads = ["core::cell::RefCell"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let count = try value.field("borrow").signed()
    let note: ViewNote? =
      switch count {
      case 0: nil
      case 1...: ViewNote("borrowed \(count)")
      default: "mutably borrowed"
      }
    return .transparent(try value.field("value"), note: note)
  }
}

/// rustc: library/core/src/sync/atomic.rs. `Atomic<T> { v: UnsafeCell<Align8<u64>> }` since 1.90,
/// `AtomicU64 { v: UnsafeCell<u64> }` before.
struct AtomicFormatter: ValueFormatter {
  let heads =
    ["Atomic", "AtomicBool", "AtomicPtr"].map { "core::sync::atomic::" + $0 }
    + ["8", "16", "32", "64", "128", "size"].flatMap {
      ["core::sync::atomic::AtomicI" + $0, "core::sync::atomic::AtomicU" + $0]
    }

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let storage = try value.field("v").scalar().named(value.path)
    if try isBoolean(value) { return .text(try storage.bool() ? "true" : "false") }
    return .transparent(storage, note: nil)
  }

  /// A boolean is stored as a byte.
  private func isBoolean(_ value: Value) throws(ValueError) -> Bool {
    if value.type.head == "core::sync::atomic::AtomicBool" { return true }
    guard case .base(.boolean)? = try value.argumentIfPresent("T")?.kind else { return false }
    return true
  }
}
