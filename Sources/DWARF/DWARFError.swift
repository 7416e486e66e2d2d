public import Binary

/// What is malformed in debugging information, and where.
public struct DWARFError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// The bytes end too early, or a number or string is malformed.
    case unreadable(ByteReaderError.Kind)
    /// A unit's or table's length does not fit into its section.
    case badLength(UInt64)
    case unsupportedVersion(UInt16)
    case badAddressSize(UInt8)
    case unknownUnitType(UInt8)
    /// A DIE uses a code that its unit's abbreviations do not have.
    case unknownAbbreviation(UInt64)
    /// Two abbreviations of one table have this code.
    case duplicateAbbreviation(UInt64)
    case unknownForm(UInt64)
    /// `DW_FORM_indirect` that names itself.
    case nestedIndirectForm
    /// An attribute has a form that its meaning does not allow.
    case unexpectedForm(UInt64)
    /// A reference that leads to no DIE of this file.
    case badReference(UInt64)
    /// A chain of references that comes back to its beginning or is too long.
    case referenceCycle
    /// An index that its table does not have.
    case badIndex(UInt64)
    /// A list entry of unknown kind.
    case unknownListEntry(UInt8)
    /// DIEs nested deeper than any compiler writes.
    case tooDeep
    /// More entries than `Limits` allows.
    case tooMany
    /// A line program's header gives 0 where that makes no sense.
    case badLineHeader(String)
    /// A call frame entry's CIE pointer leads nowhere.
    case badCIEPointer(UInt64)
    /// A call frame augmentation that is not known.
    case unknownAugmentation(String)
    case unknownCallFrameInstruction(UInt8)
    /// `DW_CFA_restore_state` without a remembered state, or a rule without a CFA to change.
    case badCallFrameState
    /// An encoding of pointers (`DW_EH_PE`) that is not known.
    case unknownPointerEncoding(UInt8)
  }

  public let section: DWARFSection
  /// Offset in the section.
  public let offset: UInt64
  public let kind: Kind

  public init(_ section: DWARFSection, at offset: UInt64, _ kind: Kind) {
    self.section = section
    self.offset = offset
    self.kind = kind
  }

  public var description: String { "\(section.rawValue)+\(offset.hex()): \(message)" }

  private var message: String {
    switch kind {
    case .unreadable(.endOfBytes): "the data ends too early"
    case .unreadable(.numberTooLarge): "LEB128 number over 64 bits"
    case .unreadable(.unterminatedString): "string without end"
    case .unreadable(.unsupportedSize(let size)): "unsupported size \(size)"
    case .badLength(let length): "length \(length.hex()) does not fit into the section"
    case .unsupportedVersion(let version): "unsupported version \(version)"
    case .badAddressSize(let size): "unsupported address size \(size)"
    case .unknownUnitType(let type): "unknown unit type \(type.hex())"
    case .unknownAbbreviation(let code): "unknown abbreviation \(code)"
    case .duplicateAbbreviation(let code): "abbreviation \(code) is defined twice"
    case .unknownForm(let form): "unknown form \(form.hex())"
    case .nestedIndirectForm: "indirect form within an indirect form"
    case .unexpectedForm(let attribute): "unexpected form of attribute \(attribute.hex())"
    case .badReference(let offset): "reference to \(offset.hex()), which is no DIE"
    case .referenceCycle: "references form a cycle"
    case .badIndex(let index): "index \(index) is outside of its table"
    case .unknownListEntry(let kind): "unknown list entry \(kind.hex())"
    case .tooDeep: "DIEs are nested too deeply"
    case .tooMany: "too many entries"
    case .badLineHeader(let field): "bad \(field) in the line program header"
    case .badCIEPointer(let offset): "CIE pointer to \(offset.hex()), which is no CIE"
    case .unknownAugmentation(let text): "unknown augmentation \"\(text.prefix(16))\""
    case .unknownCallFrameInstruction(let byte): "unknown call frame instruction \(byte.hex())"
    case .badCallFrameState: "call frame instruction does not fit the state"
    case .unknownPointerEncoding(let byte): "unknown pointer encoding \(byte.hex())"
    }
  }
}
