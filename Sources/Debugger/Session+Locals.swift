import DWARF
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
      type: type, location: place(of: local, byteCount: type.byteCount, in: frame),
      memory: memory(in: frame.space),
      path: local.name)
  }

  private func place(of local: LocalVariable, byteCount: UInt64?, in frame: Frame) -> Value.Location
  {
    guard let expression = local.location else { return .unavailable("optimised out") }
    let context = FrameExpressionContext(
      session: self, frame: frame, frameBaseExpression: local.frameBase)
    do throws(DWARFExpressionError) {
      return try location(
        DWARFExpression.evaluate(expression, in: context), byteCount: byteCount, context)
    } catch {
      if case .unavailable(let why) = error.kind { return .unavailable(why) }
      return .unavailable("its location cannot be evaluated: \(error)")
    }
  }

  private func location(
    _ location: DWARFLocation, byteCount: UInt64?, _ context: FrameExpressionContext
  ) throws(DWARFExpressionError) -> Value.Location {
    switch location {
    case .address(let address): return .memory(Address(address))
    case .optimizedOut: return .unavailable("optimised out")
    case .implicitPointer: return .unavailable("points to a variable that was optimised out")
    case .value, .register, .bytes:
      return .bytes(try bytes(of: location, count: byteCount ?? 8, context))
    case .pieces(let pieces):
      var all: [UInt8] = []
      for piece in pieces {
        guard piece.bitCount.isMultiple(of: 8), piece.bitOffset == 0, piece.bitCount <= 1 << 16
        else { return .unavailable("parts of it are single bits") }
        all += try bytes(of: piece.location, count: piece.bitCount / 8, context)
      }
      return .bytes(all)
    }
  }

  /// The first `count` bytes of a place.
  private func bytes(
    of location: DWARFLocation, count: UInt64, _ context: FrameExpressionContext
  ) throws(DWARFExpressionError) -> [UInt8] {
    switch location {
    case .value(let value): return SessionContext.bytes(value, count: Int(min(count, 8)))
    case .register(let number):
      return SessionContext.bytes(try context.register(number), count: Int(min(count, 8)))
    case .bytes(let bytes): return Array(bytes.prefix(Int(clamping: count)))
    case .address(let address):
      return try (0..<count).map { (index) throws(DWARFExpressionError) in
        UInt8(truncatingIfNeeded: try context.memory(address &+ index, byteCount: 1))
      }
    case .optimizedOut, .implicitPointer, .pieces:
      throw DWARFExpressionError(at: 0, .unavailable("a part of it was optimised out"))
    }
  }
}
