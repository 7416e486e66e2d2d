public import Machine

/// One row of a line table (DWARF 5 §6.2.2).
public struct LineRow: Sendable, Equatable {
  public let address: UInt64
  public let file: UInt32
  /// 0: the instruction belongs to no line.
  public let line: UInt32
  public let column: UInt32
  public let isStatement: Bool
  public let isPrologueEnd: Bool
}

/// The rows of one line program, sequence by sequence.
public struct LineTable: Sendable {
  /// Rows for one piece of code without gaps.
  public struct Sequence: Sendable {
    public let addresses: Range<FileAddress>
    /// Its rows, addresses ascending.
    public let rows: Range<Int>
  }

  /// Sorted by address.
  public let sequences: [Sequence]
  public let rows: [LineRow]

  /// Runs the program. Only sequences that begin where `isCode` says so are kept: linkers leave the
  /// lines of dropped functions at address 0.
  public init(
    running header: LineHeader, isCode: (FileAddress) -> Bool
  ) throws(DWARFError) {
    var machine = LineMachine(header)
    try machine.run(isCode: isCode)
    rows = machine.rows
    sequences = machine.sequences.sorted { $0.addresses.lowerBound < $1.addresses.lowerBound }
  }

  /// The row that covers an address, or nil. O(log n).
  public func row(containing address: FileAddress) -> LineRow? {
    guard let sequence = sequence(containing: address) else { return nil }
    var (low, high) = (sequence.rows.lowerBound, sequence.rows.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].address <= address.rawValue { low = middle + 1 } else { high = middle }
    }
    return low > sequence.rows.lowerBound ? rows[low - 1] : nil
  }

  public func sequence(containing address: FileAddress) -> Sequence? {
    var (low, high) = (0, sequences.count)
    while low < high {
      let middle = (low + high) / 2
      if sequences[middle].addresses.lowerBound <= address {
        low = middle + 1
      } else {
        high = middle
      }
    }
    // Sequences should not overlap; where they do, an earlier one may cover the address.
    for index in (max(0, low - 4)..<low).reversed()
    where sequences[index].addresses.contains(address) {
      return sequences[index]
    }
    return nil
  }
}

/// The state machine of line programs (DWARF 5 §6.2.2, §6.2.5).
private struct LineMachine {
  let header: LineHeader
  var rows: [LineRow] = []
  var sequences: [LineTable.Sequence] = []
  private var reader: SectionReader
  private var sequenceStart = 0
  private var address: UInt64 = 0
  private var file: UInt64 = 1
  private var line: UInt32 = 1
  private var column: UInt64 = 0
  private var isStatement: Bool
  private var isPrologueEnd = false

  init(_ header: LineHeader) {
    self.header = header
    reader = header.program
    isStatement = header.defaultIsStatement
  }

  mutating func run(isCode: (FileAddress) -> Bool) throws(DWARFError) {
    while !reader.isAtEnd {
      let opcode = try reader.u8()
      if opcode >= header.opcodeBase {
        special(opcode)
      } else if opcode == 0 {
        if try extended() { endSequence(isCode: isCode) }
      } else {
        try standard(opcode)
      }
      guard rows.count <= Limits.lineRows else { throw reader.error(.tooMany) }
    }
    rows.removeSubrange(sequenceStart...)
  }

  private mutating func special(_ opcode: UInt8) {
    let adjusted = opcode - header.opcodeBase
    advance(by: UInt64(adjusted / header.lineRange))
    line = UInt32(
      truncatingIfNeeded: Int64(line) + Int64(header.lineBase)
        + Int64(adjusted % header.lineRange))
    appendRow()
  }

  private mutating func advance(by operations: UInt64) {
    address = address &+ operations &* header.minimumInstructionLength
  }

  private mutating func appendRow() {
    rows.append(
      LineRow(
        address: address, file: UInt32(truncatingIfNeeded: file), line: line,
        column: UInt32(truncatingIfNeeded: column), isStatement: isStatement,
        isPrologueEnd: isPrologueEnd))
    isPrologueEnd = false
  }

  private mutating func standard(_ opcode: UInt8) throws(DWARFError) {
    switch DWLineOpcode(rawValue: opcode) {
    case .copy: appendRow()
    case .advancePc: advance(by: try reader.uleb128())
    case .advanceLine:
      line = UInt32(truncatingIfNeeded: Int64(line) &+ (try reader.sleb128()))
    case .setFile: file = try reader.uleb128()
    case .setColumn: column = try reader.uleb128()
    case .negateStmt: isStatement.toggle()
    case .constAddPc: advance(by: UInt64((255 - header.opcodeBase) / header.lineRange))
    case .fixedAdvancePc: address = address &+ UInt64(try reader.u16())
    case .setPrologueEnd: isPrologueEnd = true
    case .setBasicBlock, .setEpilogueBegin: break
    case .setIsa, .extendedOp, nil:
      for _ in 0..<header.operandCounts[Int(opcode) - 1] { _ = try reader.uleb128() }
    }
  }

  /// Whether the sequence ends.
  private mutating func extended() throws(DWARFError) -> Bool {
    let length = try reader.uleb128()
    guard length > 0, length <= UInt64(reader.remaining) else {
      throw reader.error(.badLength(length))
    }
    let end = reader.offset + length
    let opcode = try reader.u8()
    var ends = false
    switch DWLineExtendedOpcode(rawValue: opcode) {
    case .endSequence: ends = true
    case .setAddress:
      let size = length == 5 ? 4 : length == 9 ? 8 : header.addressByteCount
      address = try reader.unsigned(byteCount: size)
    default: break
    }
    try reader.seek(to: end)
    return ends
  }

  private mutating func endSequence(isCode: (FileAddress) -> Bool) {
    if let first = rows[sequenceStart...].first, first.address < address,
      isCode(FileAddress(first.address))
    {
      sortIfNeeded()
      sequences.append(
        .init(
          addresses: FileAddress(rows[sequenceStart].address)..<FileAddress(address),
          rows: sequenceStart..<rows.count))
    } else {
      rows.removeSubrange(sequenceStart...)
    }
    sequenceStart = rows.count
    address = 0
    file = 1
    line = 1
    column = 0
    isStatement = header.defaultIsStatement
    isPrologueEnd = false
  }

  /// The standard wants ascending addresses; not every producer gives them.
  private mutating func sortIfNeeded() {
    var isSorted = true
    var index = sequenceStart + 1
    while index < rows.count, isSorted {
      isSorted = rows[index - 1].address <= rows[index].address
      index += 1
    }
    if !isSorted {
      let sorted = rows[sequenceStart...].enumerated().sorted {
        ($0.element.address, $0.offset) < ($1.element.address, $1.offset)
      }
      rows.replaceSubrange(sequenceStart..., with: sorted.map(\.element))
    }
    let last = address
    while rows.count > sequenceStart, let row = rows.last, row.address > last { rows.removeLast() }
  }
}
