/// A value made ready for printing, as a tree; renderings (one line, indented, JSON) come after.
public struct FormatNode: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// A finished scalar: number, pointer, `true`, `Ready`.
    case text(String)
    /// A string from the target: raw bytes, escaped and quoted by the rendering.
    case string([UInt8], isTruncated: Bool)
    /// `Name { a: 1, b: 2 }`.
    case fields([FormatNode])
    /// `Name(1, 2)`.
    case tuple([FormatNode])
    /// `[1, 2, 3]`.
    case sequence([FormatNode])
    /// `{k: v}`: pairs of nodes, key first.
    case map([[FormatNode]])
    /// Not available, and why: `<optimised out>`, `<not mapped>`, `<corrupt: ...>`.
    case problem(String)
  }

  /// The field's name within its parent, or nil.
  public var label: String?
  /// The type's or variant's short name in front (`Thread`, `Some`), or nil.
  public var name: String?
  public var content: Content
  /// How many more elements there are than shown, or nil: unknown or none.
  public var omitted: UInt64?
  /// A remark that belongs to it: `strong 2, weak 1`, `locked`.
  public var note: String?

  public init(
    label: String? = nil, name: String? = nil, content: Content, omitted: UInt64? = nil,
    note: String? = nil
  ) {
    self.label = label
    self.name = name
    self.content = content
    self.omitted = omitted
    self.note = note
  }
}
