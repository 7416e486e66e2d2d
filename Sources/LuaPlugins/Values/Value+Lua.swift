import Expressions
import KernelModel
import Machine
import Symbols

extension LuaError {
  /// A value that could not be read, as an error for Lua.
  init(_ error: ValueError) {
    var kind = Kind.target
    if case .memory(let memory) = error.kind, memory.reason == .interrupted { kind = .interrupted }
    self.init(error.description, kind: kind)
  }

  static func wrapping<Result>(
    _ body: () throws(ValueError) -> Result
  ) throws(LuaError) -> Result {
    do throws(ValueError) {
      return try body()
    } catch {
      throw LuaError(error)
    }
  }
}

/// What plugin code asks of a typed value.
extension Value {
  /// The most bytes of a text that plugins and rows get.
  static let maximumTextCount = 4096

  func field(_ name: String) throws(ValueError) -> Value { try smartMember(named: name) }

  func hasField(_ name: String) throws(ValueError) -> Bool {
    try smartMemberIfPresent(named: name) != nil
  }

  /// An element, the value of a key, or a field of a tuple.
  func entry(at key: Int64) throws(ValueError) -> Value {
    do throws(ValueError) {
      return try smartElement(Int128(key))
    } catch {
      guard case .wrongType = error.kind, key >= 0 else { throw error }
      guard let field = try smartMemberIfPresent(named: String(key)) else { throw error }
      return field
    }
  }

  /// What a pointer, box or reference leads to.
  func target() throws(ValueError) -> Value {
    if case .pointer = try bareType().kind { return try dereferenced() }
    return try unwrapped()
  }

  /// The variant that an enum holds; a tuple of one stands for what it contains.
  func variant() throws(ValueError) -> (String, Value?) {
    let value = try unwrapped()
    guard let active = try value.activeVariant() else {
      throw ValueError(path: path, .wrongType("`\(type.name)` is no enum"))
    }
    guard let payload = active.payload else { return (active.name, nil) }
    let fields = try payload.members()
    if fields.count == 1, fields[0].name == "0" { return (active.name, fields[0].value) }
    return (active.name, payload)
  }

  func pairs(
    limit: Int
  ) throws(ValueError) -> (pairs: [(key: Value?, value: Value)], problem: String?) {
    let contents = try contents(limit: limit)
    if let problem = contents.problem { return (contents.entries, problem.description) }
    guard contents.omitted > 0 else { return (contents.entries, nil) }
    return (contents.entries, "\(path): \(contents.omitted) more entries are left out")
  }

  /// A number, from inside newtypes, atomics, cells, locks and `Some`; without sign above 2^63 as its
  /// bit pattern.
  func number() throws(ValueError) -> Int64 {
    Int64(truncatingIfNeeded: try meant().integer())
  }

  func flag() throws(ValueError) -> Bool { try meant().bool() }

  func characters() throws(ValueError) -> [UInt8] {
    let value = try meant()
    if let active = try value.activeVariant() { return Array(Self.word(active.name).utf8) }
    return try value.string().bytes(limit: Self.maximumTextCount)
  }

  /// What is in an `Option`; nil: `None`. A value that is no option is itself.
  func some() throws(ValueError) -> Value? {
    let value = try unwrapped()
    guard try value.isOption else { return self }
    let (name, payload) = try value.variant()
    return name == "None" ? nil : payload
  }

  /// The value that is meant by wrappers and `Some`; `None` is an error.
  private func meant() throws(ValueError) -> Value {
    guard let value = try some() else {
      throw ValueError(path: path, .wrongType("it is None"))
    }
    return try value.unwrapped()
  }

  var isOption: Bool {
    get throws(ValueError) {
      guard case .structure(let composite) = try bareType().kind,
        let variants = composite.variants?.variants
      else { return false }
      return variants.count == 2 && Set(variants.compactMap(\.member.name)) == ["None", "Some"]
    }
  }

  func line() -> String { format(limits: FormatLimits()).renderLine() }

  var place: LuaValue { address.map { .integer(Int64(bitPattern: $0.rawValue)) } ?? .none }

  /// The elements of an array type, or nil: it is none.
  func arrayElements() throws(ValueError) -> [Value]? {
    guard case .array = try bareType().kind else { return nil }
    return try entries(limit: 64).map(\.value)
  }

  // MARK: Evidence

  /// At most `limit` of its own bytes; none when they cannot be read.
  func firstBytes(limit: Int) -> [UInt8] {
    guard let count = try? byteCount(), count > 0 else { return [] }
    switch location {
    case .bytes(let bytes): return Array(bytes.prefix(limit))
    case .unavailable: return []
    case .memory(let address):
      if count <= UInt64(limit) { return (try? bytes()) ?? [] }
      return (try? memory.read(address, count: limit)) ?? []
    }
  }

  /// The text that it refers to.
  func targetText(limit: Int) -> (address: Address, bytes: [UInt8])? {
    guard let text = try? string(), let bytes = try? text.bytes(limit: limit) else { return nil }
    return (text.address, bytes)
  }

  /// `DataAbort` -> `data-abort`: how the model writes the names of variants.
  static func word(_ name: String) -> String {
    var word = ""
    var isAfterLower = false
    for character in name {
      if character.isUppercase, isAfterLower { word.append("-") }
      isAfterLower = character.isLowercase || character.isNumber
      word += character.lowercased()
    }
    return word
  }
}
