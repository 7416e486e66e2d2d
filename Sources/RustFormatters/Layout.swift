import Expressions
import Machine
import Symbols

extension Value {
  /// The field at the end of a path of fields, or `layoutUnknown`: this version of the library has
  /// another structure.
  func field(_ names: String...) throws(ValueError) -> Value {
    var value = self
    for name in names {
      guard let next = try value.memberIfPresent(named: name) else {
        throw unknown("no field `\(name)` in `\(value.type.shortName)`")
      }
      value = next
    }
    return value.named(path)
  }

  func unknown(_ reason: String) -> ValueError { ValueError(path: path, .layoutUnknown(reason)) }
  func corrupt(_ reason: String) -> ValueError { ValueError(path: path, .corrupt(reason)) }

  /// The type's generic argument, or `layoutUnknown`.
  func argument(_ name: String) throws(ValueError) -> Type {
    guard let type = try argumentIfPresent(name) else {
      throw unknown("`\(type.shortName)` has no generic argument \(name)")
    }
    return type
  }

  func argumentIfPresent(_ name: String) throws(ValueError) -> Type? {
    guard let argument = try composite()?.arguments.first(where: { $0.name == name }) else {
      return nil
    }
    return try resolved(argument.type)
  }

  func resolved(_ reference: TypeReference) throws(ValueError) -> Type {
    do throws(SymbolError) {
      return try reference.resolve()
    } catch {
      throw ValueError(path: path, .symbols(error))
    }
  }

  /// What a thin pointer, however wrapped (`NonNull`, `Unique`), points to.
  func pointeeType() throws(ValueError) -> Type? {
    guard case .pointer(let reference) = try scalar().bareType().kind, let reference else {
      return nil
    }
    return try resolved(reference)
  }

  /// Members that take room.
  func sizedMembers() throws(ValueError) -> [Member] {
    guard let composite = try composite(), composite.variants == nil else { return [] }
    var result: [Member] = []
    for member in composite.members {
      if try resolved(member.type).byteCount != 0 { result.append(member) }
    }
    return result
  }

  /// Inside of `MaybeUninit`, `ManuallyDrop` and `MaybeDangling`, which the caller knows to be set.
  func initialised() throws(ValueError) -> Value {
    var value = self
    for _ in 0..<8 {
      switch value.type.head {
      case "core::mem::maybe_uninit::MaybeUninit": value = try value.field("value")
      case "core::mem::manually_drop::ManuallyDrop": value = try value.field("value")
      case "core::mem::maybe_dangling::MaybeDangling": value = try value.field("0")
      default: return value.named(path)
      }
    }
    throw unknown("too many wrappers in `\(type.shortName)`")
  }
}
