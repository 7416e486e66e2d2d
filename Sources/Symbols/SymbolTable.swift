import Binary
import ELF
import Machine

/// The ELF symbols that name code or data, by name and by address.
struct SymbolTable: Sendable {
  private let sorted: [ImageSymbol]
  private let byName: [String: Int]

  static let empty = SymbolTable([])

  init(_ symbols: [ELFSymbol]) {
    var entries: [(symbol: ImageSymbol, rank: Int)] = []
    for symbol in symbols {
      guard symbol.isDefined, let rank = Self.rank(symbol) else { continue }
      let name = String(symbol.name)
      entries.append(
        (
          ImageSymbol(
            name: name, address: FileAddress(symbol.value), byteCount: symbol.byteCount), rank
        ))
    }
    // At one address the most telling symbol comes last: that is the one a lookup meets first.
    entries.sort {
      ($0.symbol.address.rawValue, $0.rank, $0.symbol.name)
        < ($1.symbol.address.rawValue, $1.rank, $1.symbol.name)
    }
    sorted = entries.map(\.symbol)
    var byName: [String: Int] = [:]
    for (index, entry) in sorted.enumerated() { byName[entry.name] = index }
    self.byName = byName
  }

  /// How telling a symbol is; nil: it names nothing (sections, files, mapping symbols of the
  /// psABI).
  private static func rank(_ symbol: ELFSymbol) -> Int? {
    guard let first = symbol.name.first, first != UInt8(ascii: "$") else { return nil }
    let visibility = symbol.isGlobal || symbol.isWeak ? 1 : 0
    switch symbol.kind {
    case .function, .object: return (symbol.byteCount > 0 ? 4 : 2) + visibility
    case .some(.none): return visibility
    default: return nil
    }
  }

  subscript(name: String) -> ImageSymbol? {
    byName[name].map { sorted[$0] }
  }

  /// Symbols of exactly this name, or else those whose demangled name is `path` or ends with
  /// `::path`. The latter costs O(n).
  func symbols(named path: String) -> [ImageSymbol] {
    if let exact = self[path] { return [exact] }
    let suffix = "::" + path
    return sorted.filter { symbol in
      guard symbol.name.hasPrefix("_R"), let name = RustDemangler.demangle(symbol.name) else {
        return false
      }
      return name == path || name.hasSuffix(suffix)
    }
  }

  /// Where the bytes of a symbol end; of one without a size: where the next symbol begins.
  func end(of symbol: ImageSymbol, limit: FileAddress) -> FileAddress {
    if symbol.byteCount > 0 {
      let (end, overflow) = symbol.address.rawValue.addingReportingOverflow(symbol.byteCount)
      return overflow ? limit : FileAddress(end)
    }
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle].address <= symbol.address { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count ? min(limit, sorted[low].address) : limit
  }

  /// The symbol whose bytes contain the address; one without a size reaches to the next symbol.
  func symbol(containing address: FileAddress) -> ImageSymbol? {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    for symbol in sorted[max(0, low - 16)..<low].reversed() {
      let distance = address.rawValue - symbol.address.rawValue
      if symbol.byteCount == 0 || distance < symbol.byteCount { return symbol }
    }
    return nil
  }
}
