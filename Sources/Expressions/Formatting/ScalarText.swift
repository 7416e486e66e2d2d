import Symbols

/// Writes a value of a base type.
struct ScalarText {
  let value: Value
  let limits: FormatLimits

  func node(_ encoding: Type.Encoding) throws(ValueError) -> FormatNode {
    switch encoding {
    case .unit: return FormatNode(content: .text("()"))
    case .boolean: return FormatNode(content: .text(try value.bool() ? "true" : "false"))
    case .unsigned: return FormatNode(content: .text(number(try value.bits(), isNegative: false)))
    case .signed:
      let number = try value.integer()
      return FormatNode(content: .text(self.number(number.magnitude, isNegative: number < 0)))
    case .character: return FormatNode(content: .text(try character()))
    case .float: return FormatNode(content: .text(try float()))
    case .other: return FormatNode(content: .text(try bytes()))
    }
  }

  private func number(_ magnitude: UInt128, isNegative: Bool) -> String {
    let sign = isNegative ? "-" : ""
    return switch limits.integers {
    case .decimal: sign + String(magnitude)
    case .hexadecimal: sign + "0x" + String(magnitude, radix: 16)
    case .octal: sign + "0o" + String(magnitude, radix: 8)
    case .binary: sign + "0b" + String(magnitude, radix: 2)
    }
  }

  /// `'a'`; a number that is no Unicode scalar is corrupt.
  private func character() throws(ValueError) -> String {
    let bits = try value.bits()
    guard let code = UInt32(exactly: bits), let scalar = Unicode.Scalar(code) else {
      throw value.error(.corrupt("0x\(String(bits, radix: 16)) is no character"))
    }
    return TargetText.quoted(Array(String(scalar).utf8), quote: "'")
  }

  private func float() throws(ValueError) -> String {
    let bits = try value.bits()
    return switch try value.byteCount() {
    case 2: "0x" + String(bits, radix: 16)
    case 4: Float(bitPattern: UInt32(truncatingIfNeeded: bits)).description
    default: Double(bitPattern: UInt64(truncatingIfNeeded: bits)).description
    }
  }

  private func bytes() throws(ValueError) -> String {
    let digits = try value.bytes().prefix(16).reversed().map { byte in
      let text = String(byte, radix: 16)
      return text.count < 2 ? "0" + text : text
    }
    return "0x" + digits.joined()
  }
}
