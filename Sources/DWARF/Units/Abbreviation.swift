/// The shape of DIEs that share a code (DWARF 5 §7.5.3).
public final class Abbreviation: Sendable {
  struct Attribute: Sendable {
    /// As in the file; `name` is nil for vendors' own.
    let code: UInt64
    let name: DWAttribute?
    let form: DWForm
    /// For `DW_FORM_implicit_const`.
    let constant: Int64
  }

  let code: UInt64
  /// nil: a tag of a vendor that is not known.
  public let tag: DWTag?
  public let hasChildren: Bool
  let attributes: [Attribute]

  init(code: UInt64, tag: DWTag?, hasChildren: Bool, attributes: [Attribute]) {
    self.code = code
    self.tag = tag
    self.hasChildren = hasChildren
    self.attributes = attributes
  }

  /// Runs of attributes to jump over: how many bytes, then the form that has to be read (nil:
  /// none).
  struct SkipStep: Sendable {
    var byteCount: UInt64
    var form: DWForm?
  }

  /// How to jump over a DIE's attributes in a unit with these sizes.
  func skipSteps(addressByteCount: Int, offsetByteCount: Int, version: UInt16) -> [SkipStep] {
    var steps: [SkipStep] = []
    var pending: UInt64 = 0
    for attribute in attributes {
      if let size = attribute.form.fixedByteCount(
        addressByteCount: addressByteCount, offsetByteCount: offsetByteCount, version: version)
      {
        pending += UInt64(size)
      } else {
        steps.append(SkipStep(byteCount: pending, form: attribute.form))
        pending = 0
      }
    }
    if pending > 0 { steps.append(SkipStep(byteCount: pending, form: nil)) }
    return steps
  }
}

/// The abbreviations of one offset in `.debug_abbrev`.
final class AbbreviationTable: Sendable {
  /// Compilers number from 1: the entry of code n is at n - 1.
  private let dense: [Abbreviation]
  private let sparse: [UInt64: Abbreviation]

  init(reading sections: DWARFSections, at offset: UInt64) throws(DWARFError) {
    var reader = try sections.reader(.debugAbbrev, at: offset)
    var dense: [Abbreviation] = []
    var sparse: [UInt64: Abbreviation] = [:]
    while true {
      let start = reader.offset
      let code = try reader.uleb128()
      if code == 0 { break }
      let entry = try Self.abbreviation(code, from: &reader)
      if code == UInt64(dense.count + 1), sparse[code] == nil {
        dense.append(entry)
      } else if code <= UInt64(dense.count) || sparse.updateValue(entry, forKey: code) != nil {
        throw DWARFError(.debugAbbrev, at: start, .duplicateAbbreviation(code))
      }
    }
    self.dense = dense
    self.sparse = sparse
  }

  func abbreviation(_ code: UInt64) -> Abbreviation? {
    code > 0 && code <= UInt64(dense.count) ? dense[Int(code) - 1] : sparse[code]
  }

  /// The position of a code among the dense ones, for tables beside this one.
  var denseCount: Int { dense.count }

  private static func abbreviation(
    _ code: UInt64, from reader: inout SectionReader
  ) throws(DWARFError) -> Abbreviation {
    let tag = UInt16(exactly: try reader.uleb128()).flatMap(DWTag.init(rawValue:))
    let hasChildren = try reader.u8() != 0
    var attributes: [Abbreviation.Attribute] = []
    while true {
      let start = reader.offset
      let name = try reader.uleb128()
      let rawForm = try reader.uleb128()
      if name == 0, rawForm == 0 { break }
      guard let form = UInt16(exactly: rawForm).flatMap(DWForm.init(rawValue:)) else {
        throw DWARFError(.debugAbbrev, at: start, .unknownForm(rawForm))
      }
      guard attributes.count < Limits.attributes else {
        throw DWARFError(.debugAbbrev, at: start, .tooMany)
      }
      let constant = form == .implicitConst ? try reader.sleb128() : 0
      attributes.append(
        .init(
          code: name, name: UInt16(exactly: name).flatMap(DWAttribute.init(rawValue:)),
          form: form, constant: constant))
    }
    return Abbreviation(code: code, tag: tag, hasChildren: hasChildren, attributes: attributes)
  }
}
