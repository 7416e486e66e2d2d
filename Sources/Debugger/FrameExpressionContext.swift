import DWARF
import Machine
import Unwinder

/// Answers what a DWARF expression asks of one frame.
struct FrameExpressionContext: DWARFExpressionContext {
  let session: Session
  let frame: Frame
  /// `DW_AT_frame_base` of the frame's function.
  let frameBaseExpression: [UInt8]?

  var addressByteCount: Int { session.architecture.pointerByteCount }

  func register(_ number: Int) throws(DWARFExpressionError) -> UInt64 {
    guard let register = session.architecture.register(dwarfNumber: number) else {
      throw DWARFExpressionError(at: 0, .unavailable("no register has DWARF number \(number)"))
    }
    guard let value = frame.registers[register.name] else {
      throw DWARFExpressionError(
        at: 0, .unavailable("\(register.name) was not saved in this frame"))
    }
    return value
  }

  func memory(_ address: UInt64, byteCount: Int) throws(DWARFExpressionError) -> UInt64 {
    do throws(MemoryError) {
      return try session.memory(in: frame.space)
        .readUnsigned(Address(address), byteCount: byteCount)
    } catch {
      throw DWARFExpressionError(at: 0, .unavailable("\(error)"))
    }
  }

  func frameBase() throws(DWARFExpressionError) -> UInt64 {
    guard let frameBaseExpression else {
      throw DWARFExpressionError(at: 0, .unavailable("the function has no frame base"))
    }
    // Its own frame base would not end.
    let context = FrameExpressionContext(
      session: session, frame: frame, frameBaseExpression: nil)
    return try DWARFExpression.number(frameBaseExpression, in: context)
  }

  func canonicalFrameAddress() throws(DWARFExpressionError) -> UInt64 {
    guard let cfa = frame.cfa else {
      throw DWARFExpressionError(at: 0, .unavailable("the frame's address is not known"))
    }
    return cfa.rawValue
  }

  func loadAddress(_ fileAddress: UInt64) throws(DWARFExpressionError) -> UInt64 {
    let loaded = session.image(at: frame.lookupAddress, in: frame.space)
    return fileAddress &+ (loaded?.bias ?? 0)
  }
}
