import Debugger
import Machine

/// What the line to the target has done and cost.
struct InfoLinkCommand: Command {
  let name = "info link"
  let summary = "round trips, bytes, speed, errors and cache hits of the line to the target"
  let group = CommandGroup.general
  let usage = ["info link"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    guard let link = context.session.target.link else {
      throw CommandError("\(context.session.target.summary) is reached without any line")
    }
    let cache = context.session.cacheCounts
    var report = Report()
    for (title, text) in Self.rows(link, cache) {
      report.add(Line([Span(title.padded(to: 14), .dim), Span(text)]))
    }
    report.data = Self.data(link, cache)
    return report
  }

  private static func rows(_ link: LinkReport, _ cache: CacheCounts) -> [(String, String)] {
    [
      ("peer", link.peer), ("mode", link.mode),
      ("round trips", "\(link.waitCount) waits for an answer"),
      (
        "packets",
        "\(link.sentPacketCount) sent, \(link.receivedPacketCount) received"
      ),
      ("bytes", "\(link.sentByteCount) sent, \(link.receivedByteCount) received"),
      ("round trip", link.roundTripSeconds.map(duration) ?? "not measured yet"),
      ("bandwidth", link.bytesPerSecond.map(rate) ?? "not measured yet"),
      (
        "errors",
        "\(link.damagedPacketCount) damaged packets, \(link.resentPacketCount) requests sent again,"
          + " \(link.resyncCount) resyncs"
      ),
      (
        "memory cache",
        "\(cache.hits) hits, \(cache.misses) misses, \(cache.prefetched) lines fetched ahead"
      ),
      (
        "direct memory",
        (link.directMemory ?? "no")
          + (link.directByteCount > 0 ? ", \(link.directByteCount) bytes read" : "")
      ),
      ("registers", link.description ?? "-"),
    ]
  }

  private static func data(_ link: LinkReport, _ cache: CacheCounts) -> JSON {
    [
      "peer": .string(link.peer), "mode": .string(link.mode), "waits": .int(link.waitCount),
      "packets_sent": .int(link.sentPacketCount),
      "packets_received": .int(link.receivedPacketCount), "bytes_sent": .int(link.sentByteCount),
      "bytes_received": .int(link.receivedByteCount),
      "round_trip_ns": link.roundTripSeconds.flatMap { number($0 * 1e9) } ?? .null,
      "bytes_per_second": link.bytesPerSecond.flatMap(number) ?? .null,
      "damaged": .int(link.damagedPacketCount), "resent": .int(link.resentPacketCount),
      "resyncs": .int(link.resyncCount), "cache_hits": .int(cache.hits),
      "cache_misses": .int(cache.misses), "prefetched": .int(cache.prefetched),
      "direct_memory": .text(link.directMemory), "direct_bytes": .int(link.directByteCount),
      "description": .text(link.description),
    ]
  }

  private static func number(_ value: Double) -> JSON? {
    UInt64(exactly: value.rounded()).map { .number($0) }
  }

  /// `87 us`, `1.2 ms`.
  private static func duration(_ seconds: Double) -> String {
    seconds < 0.001
      ? "\(Int(seconds * 1e6)) us" : "\(oneDecimal(seconds * 1e3)) ms"
  }

  /// `11.5 kB/s`, `14.2 MB/s`.
  private static func rate(_ bytesPerSecond: Double) -> String {
    bytesPerSecond < 1e6
      ? "\(oneDecimal(bytesPerSecond / 1e3)) kB/s" : "\(oneDecimal(bytesPerSecond / 1e6)) MB/s"
  }

  private static func oneDecimal(_ value: Double) -> String {
    guard let tenths = Int(exactly: (value * 10).rounded()) else { return "?" }
    return "\(tenths / 10).\(tenths % 10)"
  }
}
