/// How good a line has lately been, and what follows from it.
struct LineQuality {
  private var lastTrouble: Int?
  /// The share of packets that came damaged, of about the last twenty.
  private(set) var damageRate = 0.0
  /// Makes each canary another one.
  var canaryCount = 0
  private var knownPatience: (packetCount: Int, patience: Duration)?

  mutating func noteTrouble(_ packetCount: Int) { lastTrouble = packetCount }
  mutating func noteGood() { damageRate *= 0.95 }
  mutating func noteDamage() { damageRate = damageRate * 0.95 + 0.05 }

  func isSuspect(_ packetCount: Int, probation: Int) -> Bool {
    guard let lastTrouble else { return false }
    return packetCount - lastTrouble < probation
  }

  /// How many bytes of memory or of a document one packet of a suspect line should carry: short ones
  /// have a chance. At one damaged bit in a hundred bytes a packet of 36 bytes passes two times in
  /// three, one of 132 bytes one time in four.
  var chunkByteCount: Int { damageRate > 0.1 ? 16 : 64 }

  /// How long silence may last on a suspect line: a few times what an exchange takes.
  mutating func patience(
    _ model: inout LinkModel, _ packetCount: Int, _ limits: RemoteLink.Limits
  ) -> Duration {
    if let known = knownPatience, packetCount - known.packetCount < 64 { return known.patience }
    let usual = model.expectedSeconds(byteCount: 256) ?? 0
    let floor = min(limits.suspectTimeout, limits.replyTimeout)
    let patience = max(floor, .seconds(usual * 4))
    knownPatience = (packetCount, patience)
    return patience
  }
}
