/// What a bad line does to the bytes that it carries: `flip=0.001,pdup=0.05,seed=7`.
///
/// For tests and campaigns; chances are between 0 and 1.
public struct FaultPlan: Equatable, Sendable {
  public enum Direction: String, Sendable { case both, toStub, fromStub }

  /// Chances per byte.
  public var flip = 0.0
  public var drop = 0.0
  public var duplicate = 0.0
  public var insertion = 0.0
  /// Chances per packet, as it comes from its sender.
  public var packetDrop = 0.0
  public var packetDuplicate = 0.0
  /// Chance per acknowledgement.
  public var acknowledgementDrop = 0.0
  /// Chance per packet to be late by `delay`.
  public var lateness = 0.0
  public var delay = Duration.milliseconds(50)
  /// Delivers no more than so many bytes at once.
  public var splitLimit = Int.max
  /// Bits a second, ten of them a byte; 0: no limit.
  public var baud = 0
  /// Bytes from the stub after which the line is cut.
  public var cutAfter = Int.max
  /// Bytes of each direction that pass unharmed first.
  public var skip = 0
  public var direction = Direction.both
  public var seed: UInt64 = 1

  public init() {}

  /// nil: a word that means nothing here.
  public init?(parsing text: String) {
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, set(pair[0], to: pair[1]) else { return nil }
    }
  }

  private static var chances: [String: WritableKeyPath<FaultPlan, Double>] {
    [
      "flip": \.flip, "drop": \.drop, "dup": \.duplicate, "insert": \.insertion,
      "pdrop": \.packetDrop, "pdup": \.packetDuplicate, "ackdrop": \.acknowledgementDrop,
      "late": \.lateness,
    ]
  }

  private static var counts: [String: WritableKeyPath<FaultPlan, Int>] {
    [
      "split": \.splitLimit, "baud": \.baud, "cut": \.cutAfter, "skip": \.skip,
    ]
  }

  private mutating func set(_ name: String, to value: String) -> Bool {
    if let path = Self.chances[name] {
      guard let chance = Double(value), (0...1).contains(chance) else { return false }
      self[keyPath: path] = chance
    } else if let path = Self.counts[name] {
      guard let count = Int(value), count > 0 else { return false }
      self[keyPath: path] = count
    } else if name == "seed", let seed = UInt64(value) {
      self.seed = seed
    } else if name == "delay", let count = Int(value), (0...60_000).contains(count) {
      delay = .milliseconds(count)
    } else if name == "direction", let direction = Direction(rawValue: value) {
      self.direction = direction
    } else {
      return false
    }
    return true
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
