/// Rows and columns, not yet laid out.
public struct Table: Sendable {
  public enum Alignment: Sendable { case left, right }

  public struct Column: Sendable {
    public let title: String
    public let alignment: Alignment
    /// The larger, the sooner a narrow terminal goes without it; 0 is never dropped.
    public let expendability: Int
    /// Whether cells may be cut; addresses and ids are not.
    public let isElastic: Bool
    /// An elastic column is not cut below this before others are dropped.
    public let leastWidth: Int

    public init(
      _ title: String, _ alignment: Alignment = .left, expendability: Int = 1,
      isElastic: Bool = false, leastWidth: Int = 8
    ) {
      self.title = title
      self.alignment = alignment
      self.expendability = expendability
      self.isElastic = isElastic
      self.leastWidth = leastWidth
    }
  }

  public struct Row: Sendable {
    public var cells: [Span]
    /// Why the row is not complete; stands on a line of its own below it.
    public var problem: String?

    public init(_ cells: [Span], problem: String? = nil) {
      self.cells = cells
      self.problem = problem
    }
  }

  public let columns: [Column]
  public var rows: [Row]

  public init(_ columns: [Column], rows: [Row] = []) {
    self.columns = columns
    self.rows = rows
  }

  public mutating func add(_ cells: [String]) { rows.append(Row(cells.map { Span($0) })) }
}

/// A table's columns fitted to a width.
struct TableLayout {
  static let gap = 2
  /// Indices of the columns that are shown, in order, with their widths.
  private(set) var shown: [(index: Int, width: Int)]
  /// Titles of those that had to go.
  private(set) var dropped: [String] = []

  /// `natural` are the widths that the escaped cells ask for.
  init(columns: [Table.Column], natural: [Int], width: Int?) {
    shown = natural.enumerated().map { ($0.offset, $0.element) }
    guard let width else { return }
    let isFitting = { (layout: TableLayout) in layout.total <= width }
    shrink(columns, to: width)
    while !isFitting(self), let victim = Self.victim(shown, columns) {
      dropped.append(columns[shown[victim].index].title)
      shown.remove(at: victim)
      for position in shown.indices { shown[position].width = natural[shown[position].index] }
      shrink(columns, to: width)
    }
    if !isFitting(self) { shrink(columns, to: width, least: 1) }
  }

  var total: Int { shown.reduce(0) { $0 + $1.width } + Self.gap * max(0, shown.count - 1) }

  /// Cuts the widest elastic column, again and again; not below `least`, nil: each one's own.
  private mutating func shrink(_ columns: [Table.Column], to width: Int, least: Int? = nil) {
    while total > width {
      let candidates = shown.indices.filter {
        let column = columns[shown[$0].index]
        return column.isElastic && shown[$0].width > least ?? column.leastWidth
      }
      guard let widest = candidates.max(by: { shown[$0].width < shown[$1].width }) else { return }
      shown[widest].width -= 1
    }
  }

  /// The most expendable column, the last one among equals.
  private static func victim(
    _ shown: [(index: Int, width: Int)], _ columns: [Table.Column]
  ) -> Int? {
    let candidates = shown.indices.filter { columns[shown[$0].index].expendability > 0 }
    return candidates.max {
      (columns[shown[$0].index].expendability, $0) < (columns[shown[$1].index].expendability, $1)
    }
  }
}
