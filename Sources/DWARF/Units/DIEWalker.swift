/// Visits the DIEs of a unit in the order of the file, without building a tree.
public struct DIEWalker {
  public let unit: Unit
  /// How deep the DIE lies that `next` returned last; the starting one has 0.
  public private(set) var depth = 0
  private var reader: SectionReader
  /// By code - 1; how to jump over its attributes.
  private var steps: [[Abbreviation.SkipStep]?]
  private var pending: DIE?
  private var childDepth = 0
  private var isFinished = false

  /// Begins with the unit's root.
  public init(_ unit: Unit) throws(DWARFError) {
    try self.init(unit, at: unit.header.dieOffset)
  }

  /// Begins with `die`; ends with the last below it.
  public init(at die: DIE) throws(DWARFError) {
    try self.init(die.unit, at: die.offset)
  }

  /// Begins with the DIE at `offset` of `.debug_info`.
  init(_ unit: Unit, at offset: UInt64) throws(DWARFError) {
    self.unit = unit
    guard offset >= unit.header.dieOffset, offset < unit.header.end else {
      throw DWARFError(.debugInfo, at: unit.header.offset, .badReference(offset))
    }
    reader = try unit.reader(at: offset)
    steps = [[Abbreviation.SkipStep]?](repeating: nil, count: unit.abbreviations.denseCount)
  }

  /// The next DIE; nil: the end of the unit, or of the starting DIE's children.
  public mutating func next() throws(DWARFError) -> DIE? {
    if isFinished { return nil }
    if let last = pending {
      pending = nil
      try skipAttributes(of: last.abbreviation)
      if last.hasChildren {
        childDepth += 1
        guard childDepth < Limits.depth else { throw reader.error(.tooDeep) }
      } else if childDepth == 0 {
        return finish()
      }
    }
    while !reader.isAtEnd {
      let offset = reader.offset
      let code = try reader.uleb128()
      if code == 0 {
        if childDepth <= 1 { return finish() }
        childDepth -= 1
        continue
      }
      guard let abbreviation = unit.abbreviations.abbreviation(code) else {
        throw DWARFError(.debugInfo, at: offset, .unknownAbbreviation(code))
      }
      depth = childDepth
      let die = DIE(
        unit: unit, offset: offset, abbreviation: abbreviation, attributesOffset: reader.offset)
      pending = die
      return die
    }
    return finish()
  }

  private mutating func finish() -> DIE? {
    isFinished = true
    return nil
  }

  /// Makes `next` pass over the children of the DIE that it returned last.
  public mutating func skipChildren() throws(DWARFError) {
    guard let last = pending, last.hasChildren else { return }
    if depth == 0 { isFinished = true }
    if case .reference(let sibling)? = try last.attribute(.sibling), sibling > last.offset,
      sibling < unit.header.end
    {
      pending = nil
      try reader.seek(to: sibling)
      return
    }
    let start = depth
    while let die = try next() {
      if depth <= start {
        // One too far: give it out again.
        pending = nil
        try reader.seek(to: die.offset)
        childDepth = depth
        return
      }
    }
  }

  private mutating func skipAttributes(of abbreviation: Abbreviation) throws(DWARFError) {
    let position = abbreviation.code &- 1
    guard position < UInt64(steps.count) else {
      return try skip(plan(for: abbreviation))
    }
    let index = Int(position)
    if let known = steps[index] { return try skip(known) }
    let plan = plan(for: abbreviation)
    steps[index] = plan
    try skip(plan)
  }

  private func plan(for abbreviation: Abbreviation) -> [Abbreviation.SkipStep] {
    abbreviation.skipSteps(
      addressByteCount: unit.header.addressByteCount,
      offsetByteCount: unit.header.offsetByteCount, version: unit.header.version)
  }

  private mutating func skip(_ steps: [Abbreviation.SkipStep]) throws(DWARFError) {
    // By index: iterators are slow in builds without optimisation, and this is the innermost loop.
    var index = 0
    while index < steps.count {
      let step = steps[index]
      if step.byteCount > 0 { try reader.skip(step.byteCount) }
      if let form = step.form { try reader.skip(form, in: unit.header) }
      index += 1
    }
  }
}

/// The DIEs one level below another.
public struct DIEChildren {
  private var walker: DIEWalker
  private let hasChildren: Bool

  init(of die: DIE) throws(DWARFError) {
    walker = try DIEWalker(die.unit, at: die.offset)
    hasChildren = die.hasChildren
    _ = try walker.next()
  }

  public mutating func next() throws(DWARFError) -> DIE? {
    guard hasChildren else { return nil }
    while let die = try walker.next() {
      if walker.depth == 1 { return die }
    }
    return nil
  }
}
