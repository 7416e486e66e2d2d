/// How a target is reached and what that has cost so far.
public struct LinkReport: Sendable, Equatable {
  /// Where the target is.
  public var peer = ""
  /// How packets are confirmed and sent: `acknowledged, pipelined`.
  public var mode = ""
  /// Times that kscope had to wait for an answer before it could go on.
  public var waitCount = 0
  /// Packets, without acknowledgements.
  public var sentPacketCount = 0
  public var receivedPacketCount = 0
  /// Bytes on the line, everything counted.
  public var sentByteCount = 0
  public var receivedByteCount = 0
  /// Packets that arrived damaged, requests sent again, and times that the line was cleared.
  public var damagedPacketCount = 0
  public var resentPacketCount = 0
  public var resyncCount = 0
  /// Measured; nil before there was enough traffic.
  public var roundTripSeconds: Double?
  /// Measured, both directions together; nil before there was enough traffic.
  public var bytesPerSecond: Double?
  /// How memory is read without packets, or why it is not.
  public var directMemory: String?
  /// Bytes of memory read without packets.
  public var directByteCount = 0
  /// Where the description of the registers came from.
  public var description: String?

  public init() {}
}
