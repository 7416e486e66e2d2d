import Machine

/// The registers of a target as its stub describes them (GDB manual, "Target Descriptions").
struct TargetDescription {
  /// A register, its number in `p` packets, and where it lies.
  struct Entry: Equatable {
    let register: Register
    let number: Int
  }

  enum Error: Swift.Error, Equatable {
    case xml(annex: String, XMLReader.Error)
    case tooDeep(annex: String)
    case tooLarge
    case tooManyRegisters
    case badRegister(String)
    case noRegisters
  }

  static let includeDepthLimit = 8
  static let byteLimit = 4 << 20
  static let registerLimit = 65_536
  static let bitLimit: Int = 1 << 16

  /// `aarch64`, `i386:x86-64`; nil when the stub does not say.
  private(set) var architecture: String?
  /// Sorted by number, no number twice, no name twice.
  private(set) var entries: [Entry] = []
  /// Names of the features, in order.
  private(set) var features: [String] = []
  private var indexByName: [String: Int] = [:]

  /// Reads `target.xml` and what it includes; `fetch` gets one document of the stub.
  init(
    fetch: (_ annex: String) throws(TargetError) -> [UInt8]
  ) throws(DescriptionFailure) {
    var builder = Builder()
    try builder.read("target.xml", depth: 0, fetch: fetch)
    do throws(Error) {
      try finish(builder)
    } catch {
      throw .description(error)
    }
  }

  /// The description of a stub that gives none: the core registers, numbered as GDB does.
  init(core architecture: Architecture) {
    self.architecture = architecture.name
    entries = architecture.registers.enumerated().map { Entry(register: $1, number: $0) }
    index()
  }

  func entry(named name: String) -> Entry? { indexByName[name].map { entries[$0] } }

  /// Bytes of all registers together.
  var byteCount: Int { entries.reduce(0) { $0 + $1.register.byteCount } }

  private mutating func finish(_ builder: Builder) throws(Error) {
    guard !builder.entries.isEmpty else { throw .noRegisters }
    architecture = builder.architecture
    features = builder.features
    var numbers: Set<Int> = []
    var names: Set<String> = []
    entries =
      builder.entries
      .filter { numbers.insert($0.number).inserted && names.insert($0.register.name).inserted }
      .sorted { $0.number < $1.number }
    index()
  }

  private mutating func index() {
    for (position, entry) in entries.enumerated() { indexByName[entry.register.name] = position }
  }
}

/// A description that could not be had: not read, or not understood.
enum DescriptionFailure: Error, Equatable {
  case fetch(TargetError)
  case description(TargetDescription.Error)
}

/// Gathers registers over all documents: numbers go on from one to the next.
private struct Builder {
  var architecture: String?
  var entries: [TargetDescription.Entry] = []
  var features: [String] = []
  private var nextNumber = 0
  private var byteCount = 0

  init() {}

  mutating func read(
    _ annex: String, depth: Int, fetch: (_ annex: String) throws(TargetError) -> [UInt8]
  ) throws(DescriptionFailure) {
    guard depth < TargetDescription.includeDepthLimit else {
      throw .description(.tooDeep(annex: annex))
    }
    let document: [UInt8]
    do throws(TargetError) { document = try fetch(annex) } catch { throw .fetch(error) }
    byteCount += document.count
    guard byteCount <= TargetDescription.byteLimit else { throw .description(.tooLarge) }
    var reader = XMLReader(document)
    var feature = ""
    var isArchitecture = false
    while let token = try Self.next(&reader, annex) {
      switch token {
      case .start("xi:include", let attributes):
        guard let href = attributes["href"] else { continue }
        try read(href, depth: depth + 1, fetch: fetch)
      case .start("feature", let attributes):
        feature = attributes["name"] ?? ""
        features.append(feature)
      case .start("reg", let attributes):
        do throws(TargetDescription.Error) {
          try append(attributes, feature: feature)
        } catch {
          throw .description(error)
        }
      case .start(let name, _): isArchitecture = name == "architecture"
      case .text(let words) where isArchitecture && architecture == nil:
        architecture = words.trimmingSpaces
      case .end: isArchitecture = false
      case .text: continue
      }
    }
  }

  private static func next(
    _ reader: inout XMLReader, _ annex: String
  ) throws(DescriptionFailure) -> XMLReader.Token? {
    do throws(XMLReader.Error) {
      return try reader.next()
    } catch {
      throw .description(.xml(annex: annex, error))
    }
  }

  private mutating func append(
    _ attributes: [String: String], feature: String
  ) throws(TargetDescription.Error) {
    let name = (attributes["name"] ?? "").lowercased()
    guard entries.count < TargetDescription.registerLimit else { throw .tooManyRegisters }
    guard !name.isEmpty, let bits = attributes["bitsize"].flatMap({ Int($0) }),
      bits > 0, bits <= TargetDescription.bitLimit
    else { throw .badRegister(name) }
    if let text = attributes["regnum"] {
      guard let number = Int(text), number >= 0, number < 1 << 24 else { throw .badRegister(name) }
      nextNumber = number
    }
    let register = Register(
      name: name, byteCount: (bits + 7) / 8, group: Self.group(feature, attributes["group"]))
    entries.append(TargetDescription.Entry(register: register, number: nextNumber))
    nextNumber += 1
  }

  /// `general`, `float` or `system`, from the standard names of features.
  private static func group(_ feature: String, _ group: String?) -> String {
    if feature.hasSuffix(".core") || feature.hasSuffix(".cpu") { return "general" }
    let units = [".fpu", ".sve", ".sme", ".vfp", ".neon", ".sse", ".avx", ".vector"]
    if group == "float" || group == "vector" || units.contains(where: feature.contains) {
      return "float"
    }
    return "system"
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    let isSpace = { (character: Character) in character.isWhitespace }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
