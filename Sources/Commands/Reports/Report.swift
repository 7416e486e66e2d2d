/// A piece of a line: text (raw: the rendering escapes it) and what it means.
public struct Span: Sendable, Equatable {
  public var text: String
  public var style: Style

  public init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }
}

/// One line of a report.
public struct Line: Sendable, Equatable, ExpressibleByStringInterpolation {
  public var spans: [Span]

  public init(_ spans: [Span]) { self.spans = spans }
  public init(stringLiteral text: String) { spans = [Span(text)] }
  public init(_ text: String, _ style: Style = .plain) { spans = [Span(text, style)] }
}

/// What a command answers: text for people, `data` for programs, from the same facts.
public struct Report: Sendable {
  public enum Block: Sendable {
    case line(Line)
    case table(Table)
    /// Output of the guest or of its stub, line ends included.
    case log([UInt8])
  }

  public var title: String?
  public var blocks: [Block]
  /// Facts worth a line of their own, after the tables: deadlocks, empty views.
  public var notes: [String]
  /// What was not quite right; on stderr for people, in `warnings` for programs.
  public var warnings: [String]
  public var data: JSON

  public init(
    title: String? = nil, blocks: [Block] = [], notes: [String] = [], warnings: [String] = [],
    data: JSON = .null
  ) {
    self.title = title
    self.blocks = blocks
    self.notes = notes
    self.warnings = warnings
    self.data = data
  }

  public mutating func add(_ line: Line) { blocks.append(.line(line)) }
  public mutating func add(_ table: Table) { blocks.append(.table(table)) }
}
