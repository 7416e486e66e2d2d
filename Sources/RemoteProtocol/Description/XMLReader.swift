/// Reads the elements of a small XML document in order: enough for target descriptions.
///
/// No document type of its own is accepted and no entity but the five predefined ones, so nothing
/// expands and nothing is fetched.
struct XMLReader {
  enum Token: Equatable {
    case start(name: String, attributes: [String: String])
    case end(name: String)
    case text(String)
  }

  enum Error: Swift.Error, Equatable {
    case unclosed(offset: Int)
    case badMarkup(offset: Int)
    case mismatchedEnd(name: String, offset: Int)
    case declaresEntities(offset: Int)
    case unknownEntity(offset: Int)
    case tooDeep(offset: Int)
  }

  static let depthLimit = 8

  private let bytes: [UInt8]
  private var position = 0
  private var open: [String] = []
  private var pendingEnd: String?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  /// The next token, or nil at the end of the document.
  mutating func next() throws(Error) -> Token? {
    if let name = pendingEnd {
      pendingEnd = nil
      open.removeLast()
      return .end(name: name)
    }
    while position < bytes.count {
      if bytes[position] != UInt8(ascii: "<") {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        let words = bytes[start..<position]
        if words.allSatisfy(Self.isSpace) { continue }
        return .text(try unescape(words, at: start))
      }
      if try skipDeclaration() { continue }
      return looking(at: "</") ? try readEnd() : try readStart()
    }
    guard open.isEmpty else { throw .unclosed(offset: position) }
    return nil
  }

  private mutating func skipDeclaration() throws(Error) -> Bool {
    if looking(at: "<?") {
      try skip(past: "?>")
    } else if looking(at: "<!--") {
      try skip(past: "-->")
    } else if looking(at: "<!") {
      let start = position
      try skip(past: ">")
      if bytes[start..<position].contains(UInt8(ascii: "[")) {
        throw .declaresEntities(offset: start)
      }
    } else {
      return false
    }
    return true
  }

  private mutating func readStart() throws(Error) -> Token {
    let start = position
    position += 1
    let name = try readName()
    var attributes: [String: String] = [:]
    while true {
      skipSpace()
      guard position < bytes.count else { throw .unclosed(offset: start) }
      if looking(at: "/>") || looking(at: ">") {
        guard open.count < Self.depthLimit else { throw .tooDeep(offset: start) }
        open.append(name)
        if bytes[position] == UInt8(ascii: "/") {
          pendingEnd = name
          position += 1
        }
        position += 1
        return .start(name: name, attributes: attributes)
      }
      let key = try readName()
      attributes[key] = try readValue()
    }
  }

  private mutating func readEnd() throws(Error) -> Token {
    let start = position
    position += 2
    let name = try readName()
    skipSpace()
    guard looking(at: ">") else { throw .badMarkup(offset: position) }
    position += 1
    guard open.last == name else { throw .mismatchedEnd(name: name, offset: start) }
    open.removeLast()
    return .end(name: name)
  }

  private mutating func readName() throws(Error) -> String {
    let start = position
    while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
    guard position > start else { throw .badMarkup(offset: start) }
    return text(bytes[start..<position])
  }

  private mutating func readValue() throws(Error) -> String {
    skipSpace()
    guard looking(at: "=") else { throw .badMarkup(offset: position) }
    position += 1
    skipSpace()
    guard looking(at: "\"") || looking(at: "'") else { throw .badMarkup(offset: position) }
    let quote = bytes[position]
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != quote { position += 1 }
    guard position < bytes.count else { throw .unclosed(offset: start) }
    defer { position += 1 }
    return try unescape(bytes[start..<position], at: start)
  }

  private func unescape(_ words: ArraySlice<UInt8>, at offset: Int) throws(Error) -> String {
    guard words.contains(UInt8(ascii: "&")) else { return text(words) }
    var result: [UInt8] = []
    var rest = words
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "&") else {
        result.append(byte)
        continue
      }
      guard let end = rest.prefix(8).firstIndex(of: UInt8(ascii: ";")),
        let character = Self.entities[text(rest[..<end])]
      else { throw .unknownEntity(offset: offset) }
      result.append(character)
      rest = rest[(end + 1)...]
    }
    return text(result)
  }

  private static let entities: [String: UInt8] = [
    "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "amp": UInt8(ascii: "&"),
    "quot": UInt8(ascii: "\""), "apos": UInt8(ascii: "'"),
  ]

  private func looking(at words: StaticString) -> Bool {
    let wanted = words.description.utf8
    return bytes[position...].prefix(wanted.count).elementsEqual(wanted)
  }

  private mutating func skip(past words: StaticString) throws(Error) {
    let start = position
    while position < bytes.count {
      if looking(at: words) {
        position += words.utf8CodeUnitCount
        return
      }
      position += 1
    }
    throw .unclosed(offset: start)
  }

  private mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...0xff: true
    case UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }
}
