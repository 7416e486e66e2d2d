public import Machine

/// A debugging information entry; nothing of its attributes is read yet.
public struct DIE: Sendable {
  public let unit: Unit
  /// Offset in `.debug_info`.
  public let offset: UInt64
  public let abbreviation: Abbreviation
  /// Where the attributes begin in `.debug_info`.
  let attributesOffset: UInt64

  public var tag: DWTag? { abbreviation.tag }
  public var hasChildren: Bool { abbreviation.hasChildren }

  /// Its attributes in order.
  public func attributes() throws(DWARFError) -> AttributeIterator { try AttributeIterator(self) }

  /// The first attribute of this name, or nil.
  public func attribute(_ name: DWAttribute) throws(DWARFError) -> AttributeValue? {
    guard abbreviation.attributes.contains(where: { $0.name == name }) else { return nil }
    var attributes = try attributes()
    while let (found, value) = try attributes.next() {
      if found == name { return value }
    }
    return nil
  }

  /// `DW_AT_name`, as it stands here; references are not followed.
  public func name() throws(DWARFError) -> StringReference? {
    guard let value = try attribute(.name) else { return nil }
    return try unit.string(value)
  }

  /// The DIEs one level below.
  public func children() throws(DWARFError) -> DIEChildren { try DIEChildren(of: self) }

  /// `DW_AT_low_pc` with `DW_AT_high_pc`, or `DW_AT_ranges`; empty: no code. Sorted, tombstones
  /// left out.
  public func ranges() throws(DWARFError) -> [Range<FileAddress>] {
    var low: AttributeValue?
    var high: AttributeValue?
    var list: AttributeValue?
    var attributes = try attributes()
    while let (name, value) = try attributes.next() {
      switch name {
      case .lowPc: low = value
      case .highPc: high = value
      case .ranges: list = value
      default: break
      }
    }
    if let list { return try unit.ranges(list) }
    guard let low, let high, let start = try unit.address(low) else { return [] }
    // A constant is a length, an address is the end (DWARF 5 §2.17.2).
    let end =
      if let address = try unit.address(high) { address } else { start &+ (high.number ?? 0) }
    guard end > start else { return [] }
    return [FileAddress(start)..<FileAddress(end)]
  }
}

/// Reads the attributes of one DIE in order; those of vendors that are not known are passed over.
public struct AttributeIterator {
  private let unit: Unit
  private let attributes: [Abbreviation.Attribute]
  private var index = 0
  private var reader: SectionReader

  init(_ die: DIE) throws(DWARFError) {
    unit = die.unit
    attributes = die.abbreviation.attributes
    reader = try unit.reader(at: die.attributesOffset)
  }

  public mutating func next() throws(DWARFError) -> (name: DWAttribute, value: AttributeValue)? {
    while index < attributes.count {
      let attribute = attributes[index]
      index += 1
      let value = try reader.value(attribute.form, constant: attribute.constant, in: unit.header)
      if let name = attribute.name { return (name, value) }
    }
    return nil
  }
}

extension Unit {
  /// A reader of `.debug_info` within this unit.
  func reader(at offset: UInt64) throws(DWARFError) -> SectionReader {
    try sections.reader(.debugInfo, at: offset).limited(to: header.end)
  }
}
