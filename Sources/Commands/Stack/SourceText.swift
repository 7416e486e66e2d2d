import Binary
import Debugger
import Symbols

/// Where `list` goes on.
struct ListingPosition: Sendable {
  var file: String
  var line: Int
}

/// Lines of source files, which are looked for where a checkout may be.
enum SourceText {
  static let greatestByteCount = 16 << 20

  /// `count` lines around `place`, `before` of them before it; the place itself is marked.
  static func window(
    _ place: SourceLocation, _ context: CommandContext, before: Int, count: Int
  ) throws(CommandError) -> [Line] {
    let lines = try self.lines(of: place.file, context)
    let first = max(1, place.line - before)
    guard first <= lines.count else {
      throw CommandError("\(place.file) has only \(lines.count) lines, not \(first)")
    }
    let last = min(lines.count, first + count - 1)
    return (first...last).map { number in
      let mark = number == place.line ? "> " : "  "
      let text = untabbed(String(decoding: lines[number - 1], as: UTF8.self))
      return Line([Span(mark + String(number).padded(to: 6), .dim), Span(text)])
    }
  }

  static func lines(
    of file: String, _ context: CommandContext
  ) throws(CommandError) -> [ArraySlice<UInt8>] {
    for path in candidates(file, context) {
      guard let bytes = try? Bytes(mapping: path), bytes.count <= greatestByteCount else {
        continue
      }
      return bytes.array.split(separator: 0x0a, omittingEmptySubsequences: false)
    }
    throw CommandError(
      "the source file \(file) is not here",
      hint:
        "'set source-map FROM TO' says where sources are, as in 'set source-map /rust /usr/src/rustc'"
    )
  }

  /// Source maps first, then the path itself, then the folders above the working folder and above each image.
  private static func candidates(_ file: String, _ context: CommandContext) -> [String] {
    var paths: [String] = []
    for map in context.sourceMaps where file.hasPrefix(map.from) {
      paths.append(map.to + file.dropFirst(map.from.count))
    }
    guard !file.hasPrefix("/") else { return paths + [file] }
    for start in [StandardStreams.workingFolder] + context.session.images.map(\.image.path) {
      var folder = start.hasPrefix("/") ? start : StandardStreams.workingFolder + "/" + start
      for _ in 0..<8 {
        paths.append(folder + "/" + file)
        guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { break }
        folder = String(folder[..<slash])
      }
    }
    return paths
  }

  private static func untabbed(_ text: String) -> String {
    text.contains("\t")
      ? text.split(separator: "\t", omittingEmptySubsequences: false)
        .joined(separator: "    ") : text
  }
}
