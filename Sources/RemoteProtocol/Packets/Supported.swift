/// `qSupported:multiprocess+;...` tells the stub what the client can do and asks the same.
struct Supported: Request {
  static let packet = "qSupported"

  var payload: [UInt8] {
    Array(
      ("qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+;error-message+;"
        + "xmlRegisters=aarch64").utf8)
  }

  func answer(_ reply: [UInt8]) throws(ReplyError) -> StubFeatures {
    // The empty reply is right: a stub that knows no features.
    if !reply.isEmpty { try checkError(reply) }
    return StubFeatures(parsing: text(reply))
  }
}

/// What a stub says it can do.
struct StubFeatures: Equatable {
  /// The longest packet the stub takes, within 256 bytes and 1 MiB; 400 when it does not say.
  var packetSize = 400
  private(set) var names: Set<String> = []

  init(parsing text: String) {
    for feature in text.split(separator: ";").prefix(1000) {
      if feature.hasSuffix("+") {
        names.insert(String(feature.dropLast()))
      } else if let value = feature.split(separator: "=", maxSplits: 1).last,
        feature.hasPrefix("PacketSize="), let size = hexNumber(Array(value.utf8))
      {
        packetSize = Int(min(max(size, 256), 1 << 20))
      }
    }
  }

  func has(_ name: String) -> Bool { names.contains(name) }
}
