/// Names of symbols that rustc mangled (rustc book, "v0 Symbol Format").
struct RustDemangler {
  private let bytes: [UInt8]
  private var position = 0
  private var output: [UInt8] = []
  private var depth = 0
  /// Lifetimes that `for<...>` introduced around here.
  private var boundLifetimes: UInt64 = 0

  /// Limits for names that are made to explode.
  private static let depthLimit = 128
  private static let outputLimit = 16_384

  private struct Malformed: Error {}

  /// The path that a mangled name stands for, such as `<core::fmt::Formatter>::pad`; nil: it is not
  /// of this kind, or malformed.
  static func demangle(_ name: String) -> String? {
    let all = Array(name.utf8)
    guard all.count > 2, all[0] == UInt8(ascii: "_"), all[1] == UInt8(ascii: "R") else {
      return nil
    }
    // What follows a dot is LLVM's own: `.llvm.1234`, `.cold`.
    let body = all[2...].prefix { $0 != UInt8(ascii: ".") }
    guard let first = body.first, (0x41...0x5a).contains(first) else { return nil }
    var demangler = RustDemangler(bytes: Array(body))
    guard (try? demangler.path(inValue: true)) != nil, !demangler.output.isEmpty else {
      return nil
    }
    return String(decoding: demangler.output, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  // MARK: Characters and numbers

  private mutating func next() throws(Malformed) -> UInt8 {
    guard position < bytes.count else { throw Malformed() }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func write(_ text: String) throws(Malformed) { try write(Array(text.utf8)) }

  private mutating func write(_ text: [UInt8]) throws(Malformed) {
    guard output.count + text.count <= Self.outputLimit else { throw Malformed() }
    output += text
  }

  private mutating func base62() throws(Malformed) -> UInt64 {
    if take("_") { return 0 }
    var value: UInt64 = 0
    while !take("_") {
      let digit: UInt8
      switch try next() {
      case let byte where (0x30...0x39).contains(byte): digit = byte - 0x30
      case let byte where (0x61...0x7a).contains(byte): digit = byte - 0x61 + 10
      case let byte where (0x41...0x5a).contains(byte): digit = byte - 0x41 + 36
      default: throw Malformed()
      }
      let (product, overflow) = value.multipliedReportingOverflow(by: 62)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { throw Malformed() }
      value = sum
    }
    guard value < .max else { throw Malformed() }
    return value + 1
  }

  private mutating func disambiguator() throws(Malformed) -> UInt64 {
    guard take("s") else { return 0 }
    let value = try base62()
    guard value < .max else { throw Malformed() }
    return value + 1
  }

  private mutating func identifier() throws(Malformed) -> [UInt8] {
    let isPunycode = take("u")
    var count = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]), count <= bytes.count {
      count = count * 10 + Int(bytes[position] - 0x30)
      position += 1
    }
    _ = take("_")
    guard count <= bytes.count - position else { throw Malformed() }
    defer { position += count }
    let text = Array(bytes[position..<position + count])
    return isPunycode ? Array("punycode{".utf8) + text + Array("}".utf8) : text
  }

  /// Runs `body` at an earlier place, then goes on here.
  private mutating func backReference(
    _ body: (inout RustDemangler) throws(Malformed) -> Void
  ) throws(Malformed) {
    let start = position - 1
    let target = try base62()
    guard target < UInt64(start) else { throw Malformed() }
    let saved = position
    position = Int(target)
    try body(&self)
    position = saved
  }

  private mutating func nested(
    _ body: (inout RustDemangler) throws(Malformed) -> Void
  ) throws(Malformed) {
    guard depth < Self.depthLimit else { throw Malformed() }
    depth += 1
    try body(&self)
    depth -= 1
  }

  // MARK: Paths

  private mutating func path(inValue: Bool) throws(Malformed) {
    try nested { demangler throws(Malformed) in try demangler.pathBody(inValue: inValue) }
  }

  private mutating func pathBody(inValue: Bool) throws(Malformed) {
    switch UnicodeScalar(try next()) {
    case "C":
      _ = try disambiguator()
      try write(try identifier())
    case "M":
      try skipImplPath()
      try write("<")
      try type()
      try write(">")
    case "X", "Y":
      if bytes[position - 1] == UInt8(ascii: "X") { try skipImplPath() }
      try write("<")
      try type()
      try write(" as ")
      try path(inValue: false)
      try write(">")
    case "N": try nestedPath(inValue: inValue)
    case "I":
      try path(inValue: inValue)
      try write(inValue ? "::<" : "<")
      try list { demangler throws(Malformed) in try demangler.genericArgument() }
      try write(">")
    case "B":
      try backReference { demangler throws(Malformed) in try demangler.path(inValue: inValue) }
    default: throw Malformed()
    }
  }

  private mutating func nestedPath(inValue: Bool) throws(Malformed) {
    let namespace = try next()
    try path(inValue: inValue)
    let number = try disambiguator()
    let name = try identifier()
    if (0x41...0x5a).contains(namespace) {
      try write("::{")
      switch UnicodeScalar(namespace) {
      case "C": try write("closure")
      case "S": try write("shim")
      default: try write([namespace])
      }
      if !name.isEmpty { try write([UInt8(ascii: ":")] + name) }
      try write("#\(number)}")
    } else if !name.isEmpty {
      try write(Array("::".utf8) + name)
    }
  }

  /// The path of an `impl` block says nothing that its type does not.
  private mutating func skipImplPath() throws(Malformed) {
    _ = try disambiguator()
    let count = output.count
    try path(inValue: false)
    output.removeSubrange(count...)
  }

  private mutating func list(
    _ element: (inout RustDemangler) throws(Malformed) -> Void
  ) throws(Malformed) {
    var isFirst = true
    while !take("E") {
      if !isFirst { try write(", ") }
      isFirst = false
      try element(&self)
    }
  }

  private mutating func genericArgument() throws(Malformed) {
    if take("L") { return try lifetime() }
    if take("K") { return try constant() }
    try type()
  }

  private mutating func lifetime() throws(Malformed) {
    let index = try base62()
    if index == 0 { return try write("'_") }
    guard index <= boundLifetimes else { throw Malformed() }
    let number = boundLifetimes - index
    try write(number < 26 ? [0x27, 0x61 + UInt8(number)] : Array("'_\(number)".utf8))
  }

  /// Lifetimes of a `for<...>`, for the length of `body`.
  private mutating func binder(
    _ body: (inout RustDemangler) throws(Malformed) -> Void
  ) throws(Malformed) {
    let outer = boundLifetimes
    if take("G") {
      let count = try base62() &+ 1
      guard count < 256 else { throw Malformed() }
      try write("for<")
      for index in 0..<count {
        if index > 0 { try write(", ") }
        boundLifetimes += 1
        try write("'")
        try write([0x61 + UInt8((boundLifetimes - 1) % 26)])
      }
      try write("> ")
    }
    try body(&self)
    boundLifetimes = outer
  }

  // MARK: Types

  private static let basicTypes: [Unicode.Scalar: String] = [
    "a": "i8", "b": "bool", "c": "char", "d": "f64", "e": "str", "f": "f32", "h": "u8",
    "i": "isize", "j": "usize", "l": "i32", "m": "u32", "n": "i128", "o": "u128", "p": "_",
    "s": "i16", "t": "u16", "u": "()", "v": "...", "x": "i64", "y": "u64", "z": "!",
  ]

  private mutating func type() throws(Malformed) {
    try nested { demangler throws(Malformed) in try demangler.typeBody() }
  }

  private mutating func typeBody() throws(Malformed) {
    let tag = UnicodeScalar(try next())
    if let basic = Self.basicTypes[tag] { return try write(basic) }
    switch tag {
    case "A", "S":
      try write("[")
      try type()
      if tag == "A" {
        try write("; ")
        try constant()
      }
      try write("]")
    case "T":
      try write("(")
      let start = position
      try list { demangler throws(Malformed) in try demangler.type() }
      // A tuple of one keeps its comma.
      if try countOfTypes(from: start, to: position) == 1 { try write(",") }
      try write(")")
    case "R", "Q":
      try write("&")
      if take("L") {
        let count = output.count
        try lifetime()
        // An erased lifetime is not written.
        if output.count == count + 2, output.last == UInt8(ascii: "_") {
          output.removeSubrange(count...)
        } else {
          try write(" ")
        }
      }
      if tag == "Q" { try write("mut ") }
      try type()
    case "P", "O":
      try write(tag == "P" ? "*const " : "*mut ")
      try type()
    case "F": try binder { demangler throws(Malformed) in try demangler.function() }
    case "D":
      try write("dyn ")
      try binder { demangler throws(Malformed) in try demangler.traits() }
      guard take("L") else { throw Malformed() }
      let count = output.count
      try write(" + ")
      try lifetime()
      if output.last == UInt8(ascii: "_") { output.removeSubrange(count...) }
    case "B": try backReference { demangler throws(Malformed) in try demangler.type() }
    default:
      position -= 1
      try path(inValue: false)
    }
  }

  /// How many types stand between two places, the closing `E` included in the second.
  private func countOfTypes(from start: Int, to end: Int) throws(Malformed) -> Int {
    var probe = self
    probe.position = start
    probe.output = []
    var count = 0
    while probe.position < end - 1 {
      try probe.type()
      count += 1
    }
    return count
  }

  private mutating func function() throws(Malformed) {
    if take("U") { try write("unsafe ") }
    if take("K") {
      let name = take("C") ? Array("C".utf8) : try identifier()
      let text = name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
      try write(Array("extern \"".utf8) + text + Array("\" ".utf8))
    }
    try write("fn(")
    try list { demangler throws(Malformed) in try demangler.type() }
    try write(")")
    if take("u") { return }
    try write(" -> ")
    try type()
  }

  private mutating func traits() throws(Malformed) {
    var isFirst = true
    while !take("E") {
      if !isFirst { try write(" + ") }
      isFirst = false
      try path(inValue: false)
      var isOpen = output.last == UInt8(ascii: ">")
      while take("p") {
        if isOpen { output.removeLast() }
        try write(isOpen ? ", " : "<")
        isOpen = true
        try write(try identifier())
        try write(" = ")
        try type()
        try write(">")
      }
    }
  }

  // MARK: Constants

  private mutating func constant() throws(Malformed) {
    let tag = UnicodeScalar(try next())
    switch tag {
    case "p": try write("_")
    case "B": try backReference { demangler throws(Malformed) in try demangler.constant() }
    case "a", "h", "i", "j", "l", "m", "n", "o", "s", "t", "x", "y", "b", "c":
      if take("n") { try write("-") }
      try literal(tag)
    default: throw Malformed()
    }
  }

  private mutating func literal(_ tag: Unicode.Scalar) throws(Malformed) {
    let start = position
    while try next() != UInt8(ascii: "_") {}
    let digits = String(decoding: bytes[start..<position - 1], as: UTF8.self)
    guard let value = UInt64(digits.isEmpty ? "0" : digits, radix: 16) else {
      return try write("0x" + digits)
    }
    switch tag {
    case "b": try write(value == 0 ? "false" : "true")
    case "c":
      guard let number = UInt32(exactly: value), let scalar = Unicode.Scalar(number) else {
        throw Malformed()
      }
      try write("'\(scalar)'")
    default: try write("\(value)")
    }
  }
}
