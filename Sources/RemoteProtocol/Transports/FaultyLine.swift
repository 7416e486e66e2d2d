/// One direction of a bad line: bytes in, what is left of them out.
struct FaultyLine {
  /// What comes out, in order; `isLate` for what is held back for a while.
  struct Output: Equatable {
    var bytes: [UInt8]
    var isLate = false
  }

  private let plan: FaultPlan
  private var generator: SplitMix64
  private var passed = 0
  private var unit: [UInt8] = []
  /// Digits of the sum that are still to come; nil: outside of a packet's end.
  private var missingDigits: Int?
  private(set) var faultCount = 0

  init(_ plan: FaultPlan, stream: UInt64) {
    self.plan = plan
    generator = SplitMix64(state: plan.seed &* 2 &+ stream)
  }

  mutating func carry(_ bytes: [UInt8]) -> [Output] {
    var outputs: [Output] = []
    for byte in bytes {
      guard let whole = gather(byte) else { continue }
      if passed < plan.skip {
        outputs.append(Output(bytes: whole))
      } else {
        outputs += disturb(whole)
      }
      passed += whole.count
    }
    return outputs
  }

  /// A packet when it is whole; a byte that belongs to none at once.
  private mutating func gather(_ byte: UInt8) -> [UInt8]? {
    if let missing = missingDigits {
      unit.append(byte)
      missingDigits = missing > 1 ? missing - 1 : nil
      return missing > 1 ? nil : takeUnit()
    }
    if unit.isEmpty, byte != UInt8(ascii: "$") { return [byte] }
    unit.append(byte)
    if byte == UInt8(ascii: "#") { missingDigits = 2 }
    return nil
  }

  private mutating func takeUnit() -> [UInt8] {
    defer { unit = [] }
    return unit
  }

  private mutating func disturb(_ unit: [UInt8]) -> [Output] {
    guard unit.count > 1 else {
      let isLost = unit == PacketEncoder.acknowledgement && happens(plan.acknowledgementDrop)
      return isLost ? [] : [Output(bytes: disturbBytes(unit))]
    }
    if happens(plan.packetDrop) { return [] }
    let copies = happens(plan.packetDuplicate) ? 2 : 1
    let isLate = happens(plan.lateness)
    return (0..<copies).map { _ in Output(bytes: disturbBytes(unit), isLate: isLate) }
  }

  private mutating func disturbBytes(_ bytes: [UInt8]) -> [UInt8] {
    guard plan.flip + plan.drop + plan.duplicate + plan.insertion > 0 else { return bytes }
    var result: [UInt8] = []
    for byte in bytes {
      if happens(plan.drop) { continue }
      if happens(plan.insertion) {
        result.append(UInt8.random(in: 0...255, using: &generator))
      }
      let bit: UInt8 = happens(plan.flip) ? 1 << UInt8.random(in: 0..<8, using: &generator) : 0
      result.append(byte ^ bit)
      if happens(plan.duplicate) { result.append(byte ^ bit) }
    }
    return result
  }

  private mutating func happens(_ chance: Double) -> Bool {
    guard chance > 0, Double.random(in: 0..<1, using: &generator) < chance else { return false }
    faultCount += 1
    return true
  }
}
