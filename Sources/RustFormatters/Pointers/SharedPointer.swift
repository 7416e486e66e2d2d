import Expressions
import Machine
import Symbols

/// `Arc { ptr: NonNull<ArcInner { strong, weak, data }> }`, `Rc { ptr: NonNull<RcInner { strong, weak,
/// value }> }` (rustc: library/alloc/src/{sync,rc}.rs). The counts stand in the note.
struct SharedPointerFormatter: ValueFormatter {
  let heads = ["alloc::sync::Arc", "alloc::rc::Rc"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let target = try CountedTarget(of: value)
    let note = ViewNote(try target.note())
    return try target.view(path: value.path, note: note)
  }
}

/// `Weak { ptr: NonNull<ArcInner> }`; `usize::MAX` in place of a pointer: never had a target.
struct WeakPointerFormatter: ValueFormatter {
  let heads = ["alloc::sync::Weak", "alloc::rc::Weak"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let address = try FatPointer(of: value.field("ptr")).address
    guard address != Address(.max) else { return .text("Weak(dangling)") }
    let strong = try CountedTarget(of: value).strong.unsigned()
    return .text("Weak(\(address), strong \(strong))")
  }
}

/// The heap block of an `Arc` or `Rc`.
private struct CountedTarget {
  private let pointer: FatPointer
  private let block: Value
  let strong: Value

  init(of value: Value) throws(ValueError) {
    pointer = try FatPointer(of: value.field("ptr"))
    block = pointer.target
    strong = try block.field("strong")
  }

  /// `strong 2, weak 1`. All strong pointers together hold one of the `weak` count.
  func note() throws(ValueError) -> String {
    let strong = try strong.unsigned()
    let weak = try block.field("weak").unsigned()
    let others = strong > 0 && weak > 0 ? weak - 1 : weak
    if weak == .max { return "strong \(strong), weak locked" }
    return others == 0 ? "strong \(strong)" : "strong \(strong), weak \(others)"
  }

  func view(path: String, note: ViewNote) throws(ValueError) -> ValueView {
    let name = try block.memberIfPresent(named: "data") == nil ? "value" : "data"
    let data = try block.field(name)
    guard case .length(let length) = pointer.metadata else {
      return .transparent(data.named(path), note: note)
    }
    let slice = UnsizedTarget(data: data, length: length, typeName: block.type.qualifiedName)
    return .transparent(slice.value(path: path), note: note)
  }
}
