import Expressions
import Symbols

/// Any lock with its data inside: a flag (`lock`, `locked`, `state`, ...) and the data in an
/// `UnsafeCell`; kernels write their own. Locks around such a lock (`spin::Mutex`) count too.
struct LockFormatter: ValueFormatter {
  let heads: [String] = []

  func view(of value: Value) throws(ValueError) -> ValueView? {
    guard isNamedLock(value.type), let parts = try LockParts(of: value) else { return nil }
    return .transparent(parts.data, note: try parts.note())
  }

  private func isNamedLock(_ type: Type) -> Bool {
    let name = TypeName.head(type.name)
    return name.contains("Mutex") || name.contains("Lock")
  }
}

/// The flag and the data of a lock.
private struct LockParts {
  let data: Value
  private let flag: Value
  private let others: [(name: String, value: Value)]

  /// nil: not of that shape.
  init?(of value: Value, depth: Int = 0) throws(ValueError) {
    guard depth < 8 else { return nil }
    let members = try value.sizedMembers()
    if members.count == 1, let name = members[0].name {
      guard case .structure = try value.resolved(members[0].type).kind,
        let inner = try LockParts(of: value.field(name), depth: depth + 1)
      else { return nil }
      self = inner
      return
    }
    var data: Value?
    var words: [(name: String, value: Value)] = []
    for member in members {
      guard let name = member.name else { return nil }
      let part = try value.field(name)
      if part.type.head == "core::cell::UnsafeCell" {
        guard data == nil else { return nil }
        data = part
      } else {
        words += try Self.words(of: part, named: name)
      }
    }
    guard let data, let flag = words.first(where: { Self.isFlag($0.name) }) else { return nil }
    self.data = data
    self.flag = flag.value
    others = words.filter { $0.name != flag.name }
  }

  /// A number, or the numbers in a structure: `lock: RawLock { locked, holder }`.
  private static func words(
    of part: Value, named name: String
  ) throws(ValueError) -> [(name: String, value: Value)] {
    if (try? part.scalar()) != nil { return [(name, part)] }
    return try part.members().filter { (try? $0.value.scalar()) != nil }
  }

  private static func isFlag(_ name: String) -> Bool {
    ["lock", "locked", "state", "futex", "flag", "held", "inner", "raw"].contains(name)
  }

  /// `locked`, and what else the lock knows: `locked, owner 3`.
  func note() throws(ValueError) -> ViewNote {
    let isLocked = try flag.bits() != 0
    var note = isLocked ? "locked" : "unlocked"
    for other in others {
      guard let number = try? other.value.integer() else { continue }
      if number != 0 { note += ", \(other.name) \(number)" }
    }
    return ViewNote(note, isOrdinary: !isLocked)
  }
}

/// Any place that is filled once: `Once { status, data: UnsafeCell<MaybeUninit<T>> }` as in the spin
/// crate, where 2 says that it is filled; `OnceLock { once, value: UnsafeCell<MaybeUninit<T>> }`.
struct OnceFormatter: ValueFormatter {
  let heads: [String] = []

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let name = TypeName.head(value.type.name)
    guard name.contains("Once") || name.contains("Lazy"),
      let status = try value.memberIfPresent(named: "status"),
      let data = try value.memberIfPresent(named: "data"),
      data.type.head == "core::cell::UnsafeCell",
      let inner = try data.memberIfPresent(named: "value"),
      inner.type.head == "core::mem::maybe_uninit::MaybeUninit"
    else { return nil }
    switch try status.bits() {
    case 0: return .text("<not initialised>")
    case 1: return .text("<being initialised>")
    case 2: return .transparent(try inner.initialised(), note: nil)
    case 3: return .text("<initialisation panicked>")
    case let status: throw value.corrupt("status \(status)")
    }
  }
}
