public import Expressions
import Machine
public import Symbols
public import Unwinder

extension Session {
  /// Arguments and variables in scope of a frame, innermost scope first.
  public func locals(of frame: Frame) -> [LocalVariable] {
    guard let loaded = image(at: frame.lookupAddress, in: frame.space) else { return [] }
    let address = loaded.fileAddress(of: frame.lookupAddress)
    return (try? loaded.image.locals(at: address)) ?? []
  }

  /// A local variable's value in a frame; unavailable values are values too.
  public func value(of local: LocalVariable, in frame: Frame) throws(ValueError) -> Value {
    let type: Type
    do { type = try local.type.resolve() } catch {
      throw ValueError(path: local.name, .symbols(error))
    }
    return Value(
      type: type, location: place(of: local, in: frame), memory: memory(in: frame.space),
      path: local.name)
  }

  private func place(of local: LocalVariable, in frame: Frame) -> Value.Location {
    guard local.location != nil else { return .unavailable("optimised out") }
    return .unavailable("location not supported")
  }
}
