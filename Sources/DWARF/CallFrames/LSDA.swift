public import Binary
public import Machine

/// The exception table of one function: what the language's personality reads while unwinding
/// (Itanium C++ ABI, "Exception Handling Tables"; LLVM writes the same for Rust).
public struct LSDA: Sendable {
  public struct CallSite: Equatable, Sendable {
    public let code: Range<FileAddress>
    /// Where unwinding continues, or nil: the frame has nothing to do.
    public let landingPad: FileAddress?
    /// 0: only cleanup; else 1 + the offset of the first record in the table of actions.
    public let action: UInt64

    /// Whether the landing pad may end the unwinding rather than pass it on.
    public var mayCatch: Bool { action != 0 }
  }

  public struct Action: Equatable, Sendable {
    /// Positive: an index in the table of types; 0: cleanup; negative: an exception specification.
    public let filter: Int64
    /// Offset of the next record in the table of actions, or nil.
    public let next: UInt64?
  }

  /// In the order of the file.
  public let callSites: [CallSite]
  private let actions: SectionReader

  /// Reads the table at `address`. `sectionAddress` is where `section` is loaded, `function` where
  /// the function begins.
  public init(
    reading section: Bytes, at address: FileAddress, sectionAddress: FileAddress,
    function: FileAddress, endianness: Endianness = .little, addressByteCount: Int = 8
  ) throws(DWARFError) {
    var reader = SectionReader(section, section: .gccExceptTable, endianness: endianness)
    guard address >= sectionAddress else {
      throw DWARFError(.gccExceptTable, at: 0, .badReference(address.rawValue))
    }
    try reader.seek(to: address.rawValue - sectionAddress.rawValue)
    var bases = PointerEncoding.Bases(section: sectionAddress.rawValue)
    bases.addressByteCount = addressByteCount
    bases.function = function.rawValue
    let padEncoding = PointerEncoding(rawValue: try reader.u8())
    let padBase = try reader.pointer(padEncoding, bases) ?? function.rawValue
    if try reader.u8() != 0xff { _ = try reader.uleb128() }  // the table of types
    let encoding = PointerEncoding(rawValue: try reader.u8())
    let byteCount = try reader.uleb128()
    guard byteCount <= UInt64(reader.remaining) else { throw reader.error(.badLength(byteCount)) }
    let end = reader.offset + byteCount
    var table = try reader.limited(to: end)
    var callSites: [CallSite] = []
    while !table.isAtEnd {
      guard callSites.count < Limits.callSites else { throw table.error(.tooMany) }
      let start = try table.rawPointer(encoding, addressByteCount: addressByteCount)
      let length = try table.rawPointer(encoding, addressByteCount: addressByteCount)
      let pad = try table.rawPointer(encoding, addressByteCount: addressByteCount)
      let action = try table.uleb128()
      let first = function + start
      guard first.rawValue <= first.rawValue &+ length else {
        throw table.error(.badLength(length))
      }
      callSites.append(
        CallSite(
          code: first..<first + length,
          landingPad: pad == 0 ? nil : FileAddress(padBase &+ pad), action: action))
    }
    self.callSites = callSites
    try reader.seek(to: end)
    actions = reader
  }

  /// The entry whose code contains the address, or nil: the personality treats that as an error.
  public func callSite(containing address: FileAddress) -> CallSite? {
    callSites.first { $0.code.contains(address) }
  }

  /// The chain of actions of a call site, first to last; empty: cleanup only.
  public func actions(of callSite: CallSite) throws(DWARFError) -> [Action] {
    guard callSite.action > 0 else { return [] }
    var found: [Action] = []
    var offset: UInt64? = callSite.action - 1
    while let current = offset {
      guard found.count < Limits.references else {
        throw DWARFError(.gccExceptTable, at: actions.offset, .referenceCycle)
      }
      var reader = actions
      try reader.skip(current)
      let filter = try reader.sleb128()
      let place = reader.offset - actions.offset
      let distance = try reader.sleb128()
      let next = distance == 0 ? nil : place &+ UInt64(bitPattern: distance)
      found.append(Action(filter: filter, next: next))
      offset = next
    }
    return found
  }
}
