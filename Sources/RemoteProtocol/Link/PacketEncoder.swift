import Binary

/// Makes packets of payloads (GDB manual, "Overview").
enum PacketEncoder {
  static let acknowledgement: [UInt8] = Array("+".utf8)
  static let rejection: [UInt8] = Array("-".utf8)
  static let breakIn: [UInt8] = [0x03]

  /// `$PAYLOAD#SS`, with what must not stand in a body escaped.
  static func encode(_ payload: [UInt8]) -> [UInt8] {
    var packet: [UInt8] = [UInt8(ascii: "$")]
    packet.reserveCapacity(payload.count + 4)
    var sum: UInt8 = 0
    for byte in payload {
      if isReserved(byte) {
        packet += [UInt8(ascii: "}"), byte ^ 0x20]
        sum = sum &+ UInt8(ascii: "}") &+ (byte ^ 0x20)
      } else {
        packet.append(byte)
        sum &+= byte
      }
    }
    packet += [UInt8(ascii: "#"), Hex.digit(sum >> 4), Hex.digit(sum & 15)]
    return packet
  }

  private static func isReserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "}"), UInt8(ascii: "*"): true
    default: false
    }
  }
}

func hexDigit(_ character: UInt8) -> UInt8? { Hex.value(character) }

/// The number that hex digits of either case name; nil: no digits, other characters, over 64 bits.
func hexNumber(_ text: some Collection<UInt8>) -> UInt64? {
  guard !text.isEmpty else { return nil }
  var value: UInt64 = 0
  for character in text {
    guard let digit = hexDigit(character), value >> 60 == 0 else { return nil }
    value = value << 4 | UInt64(digit)
  }
  return value
}

/// The text of a payload; bytes that are no UTF-8 are replaced. Not escaped for a terminal.
func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
