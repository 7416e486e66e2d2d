public import Binary

/// Where a string is: cheap to keep and to compare, read when it is needed.
public struct StringReference: Hashable, Sendable {
  // The section in the upper 4 bits; no section is that large.
  private let raw: UInt64

  public init(_ section: DWARFSection, _ offset: UInt64) {
    let code: UInt64 =
      switch section {
      case .debugStr: 1
      case .debugLineStr: 2
      case .debugInfo: 3
      default: 4
      }
    raw = code << 60 | min(offset, UInt64.max >> 4)
  }

  /// No string at all.
  public static let none = StringReference()
  private init() { raw = 0 }
  public var isNone: Bool { raw == 0 }

  public var section: DWARFSection {
    switch raw >> 60 {
    case 1: .debugStr
    case 2: .debugLineStr
    case 3: .debugInfo
    default: .debugLine
    }
  }
  public var offset: UInt64 { raw & (UInt64.max >> 4) }
}

extension DWARFSections {
  /// The bytes of a string without its NUL; empty for none.
  public func string(_ reference: StringReference) throws(DWARFError) -> Bytes {
    if reference.isNone { return self[.debugStr][0..<0] }
    var reader = try reader(reference.section, at: reference.offset)
    return try reader.cString()
  }
}
