extension FormatNode {
  /// All on one line, escaped: `Thread { id: 105, name: "fs", state: Ready }`.
  public func renderLine() -> String {
    var writer = LineWriter()
    writer.write(self)
    return writer.text
  }

  /// Escaped, on as many lines as it takes: what fits into `width` columns stays on one line.
  public func renderIndented(width: Int) -> String {
    var writer = IndentedWriter(width: width)
    writer.write(self, indent: 0, suffix: "")
    return writer.lines.joined(separator: "\n")
  }

  /// `label: Name`, what stands before the content.
  fileprivate var prefix: String {
    (label.map { TargetText.escaped($0) + ": " } ?? "") + (name.map(TargetText.escaped) ?? "")
  }

  /// What stands behind the content.
  fileprivate var suffix: String { note.map { " (" + TargetText.escaped($0) + ")" } ?? "" }

  fileprivate var more: String? { omitted.map { "... \($0) more" } }

  /// Content that is never broken into lines, or nil.
  fileprivate var leaf: String? {
    switch content {
    case .text(let text):
      let text = TargetText.escaped(text)
      return name == nil ? text : " " + text
    case .string(let bytes, let isTruncated):
      return TargetText.quoted(bytes) + (isTruncated ? "..." : "")
    case .problem(let problem): return "<" + TargetText.escaped(problem) + ">"
    default: return nil
    }
  }

  /// Opening and closing of content with parts, and the parts; a map's pairs are joined later.
  fileprivate var brackets: (open: String, close: String) {
    switch content {
    case .fields: (name == nil ? "{ " : " { ", " }")
    case .tuple: ("(", ")")
    case .sequence: ("[", "]")
    case .map: ("{", "}")
    default: ("", "")
    }
  }

  fileprivate var parts: [[FormatNode]] {
    switch content {
    case .fields(let nodes), .tuple(let nodes), .sequence(let nodes): nodes.map { [$0] }
    case .map(let pairs): pairs
    default: []
    }
  }
}

private struct LineWriter {
  var text = ""
  private var depth = 0

  init() {}

  mutating func write(_ node: FormatNode) {
    text += node.prefix
    if let leaf = node.leaf {
      text += leaf
    } else if depth > 200 {
      text += "..."
    } else {
      depth += 1
      writeParts(of: node)
      depth -= 1
    }
    text += node.suffix
  }

  private mutating func writeParts(of node: FormatNode) {
    let brackets = node.brackets
    text += brackets.open
    var isFirst = true
    for part in node.parts {
      if !isFirst { text += ", " }
      isFirst = false
      for (index, item) in part.enumerated() {
        if index > 0 { text += ": " }
        write(item)
      }
    }
    if let more = node.more { text += (isFirst ? "" : ", ") + more }
    text += brackets.close
  }
}

private struct IndentedWriter {
  let width: Int
  var lines: [String] = []

  init(width: Int) { self.width = width }

  /// `suffix` follows on the same line: a comma. `lead` comes first: a map's key.
  mutating func write(_ node: FormatNode, indent: Int, lead: String = "", suffix: String) {
    let margin = String(repeating: " ", count: indent)
    let line = margin + lead + node.renderLine() + suffix
    if node.leaf != nil || line.count <= width || indent > 400 {
      lines.append(line)
      return
    }
    let brackets = node.brackets
    lines.append(margin + lead + node.prefix + brackets.open.trimmingTrailingSpace)
    if !pack(node, indent: indent + 2) {
      for part in node.parts { write(part, indent: indent + 2) }
    }
    if let more = node.more { lines.append(margin + "  " + more) }
    lines.append(margin + brackets.close.trimmingLeadingSpace + node.suffix + suffix)
  }

  /// Elements without parts of their own stand side by side.
  private mutating func pack(_ node: FormatNode, indent: Int) -> Bool {
    guard case .sequence(let items) = node.content, items.allSatisfy({ $0.leaf != nil }) else {
      return false
    }
    let margin = String(repeating: " ", count: indent)
    var line = margin
    for item in items {
      let text = item.renderLine() + ","
      if line.count > indent, line.count + 1 + text.count > width {
        lines.append(line)
        line = margin
      }
      line += (line.count > indent ? " " : "") + text
    }
    if line.count > indent { lines.append(line) }
    return true
  }

  private mutating func write(_ part: [FormatNode], indent: Int) {
    guard let last = part.last else { return }
    let lead = part.dropLast().map { $0.renderLine() + ": " }.joined()
    write(last, indent: indent, lead: lead, suffix: ",")
  }
}

extension String {
  fileprivate var trimmingTrailingSpace: String { hasSuffix(" ") ? String(dropLast()) : self }
  fileprivate var trimmingLeadingSpace: String { hasPrefix(" ") ? String(dropFirst()) : self }
}
