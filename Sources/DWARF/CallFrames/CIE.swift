/// What the FDEs of a compilation share (DWARF 5 §6.4.1; LSB Core, "Common Information Entry
/// Format").
struct CIE: Sendable {
  let offset: UInt64
  let codeAlignment: UInt64
  let dataAlignment: Int64
  let returnAddressRegister: Int
  let hasAugmentationData: Bool
  let isSignalFrame: Bool
  let pointerEncoding: PointerEncoding
  let lsdaEncoding: PointerEncoding
  let addressByteCount: Int
  /// Its initial instructions.
  let program: SectionReader

  /// Reads behind length and id; `reader` ends with the entry.
  init(
    reading reader: inout SectionReader, offset: UInt64, bases: PointerEncoding.Bases
  ) throws(DWARFError) {
    self.offset = offset
    let version = try reader.u8()
    guard version == 1 || version == 3 || version == 4 else {
      throw DWARFError(reader.section, at: offset, .unsupportedVersion(UInt16(version)))
    }
    let augmentation = String(try reader.cString())
    var addressByteCount = bases.addressByteCount
    if version == 4 {
      addressByteCount = Int(try reader.u8())
      _ = try reader.u8()  // segment selector size
      guard addressByteCount == 4 || addressByteCount == 8 else {
        throw DWARFError(
          reader.section, at: offset, .badAddressSize(UInt8(truncatingIfNeeded: addressByteCount)))
      }
    }
    self.addressByteCount = addressByteCount
    codeAlignment = try reader.uleb128()
    dataAlignment = try reader.sleb128()
    let register = version == 1 ? UInt64(try reader.u8()) : try reader.uleb128()
    guard let returnAddressRegister = Int(exactly: register) else {
      throw DWARFError(reader.section, at: offset, .badIndex(register))
    }
    self.returnAddressRegister = returnAddressRegister
    var parsed = Augmentation()
    try parsed.read(augmentation, from: &reader, bases: bases, at: offset)
    hasAugmentationData = parsed.hasData
    isSignalFrame = parsed.isSignalFrame
    pointerEncoding = parsed.pointer
    lsdaEncoding = parsed.lsda
    program = reader
  }
}

/// The augmentation string of a CIE and the data that belongs to it.
private struct Augmentation {
  var hasData = false
  var isSignalFrame = false
  var pointer = PointerEncoding.absolute
  var lsda = PointerEncoding(rawValue: 0xff)

  mutating func read(
    _ text: String, from reader: inout SectionReader, bases: PointerEncoding.Bases,
    at offset: UInt64
  ) throws(DWARFError) {
    guard let first = text.first else { return }
    // Without a `z` nobody knows how long the data is.
    guard first == "z" else {
      throw DWARFError(reader.section, at: offset, .unknownAugmentation(text))
    }
    hasData = true
    let length = try reader.uleb128()
    guard length <= UInt64(reader.remaining) else { throw reader.error(.badLength(length)) }
    let end = reader.offset + length
    for character in text.dropFirst() {
      switch character {
      case "R": pointer = PointerEncoding(rawValue: try reader.u8())
      case "L": lsda = PointerEncoding(rawValue: try reader.u8())
      case "P":
        let encoding = PointerEncoding(rawValue: try reader.u8())
        if !encoding.isOmitted {
          _ = try reader.rawPointer(encoding, addressByteCount: bases.addressByteCount)
        }
      case "S": isSignalFrame = true
      case "B", "G": break  // AArch64: signed with key B, memory tagging
      default: throw DWARFError(reader.section, at: offset, .unknownAugmentation(text))
      }
    }
    try reader.seek(to: end)
  }
}
