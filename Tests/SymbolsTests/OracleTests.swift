import DWARF
import Machine
import TestSupport
import Testing

@testable import Symbols

/// Whole programs, compared with what LLVM and binutils say of them.
struct OracleTests {
  /// Every row of every FDE. Not llvm-dwarfdump: before version 15 it forgets the CFA in
  /// restore_state.
  @Test(.enabled(if: Oracle.has("readelf")), arguments: Fixtures.programs)
  func unwindRows(path: String) throws {
    let image = try Image(path: path)
    var compared = 0
    var columns: [Substring] = []
    var previous: (address: UInt64, text: String)?
    for line in try #require(Oracle("readelf")).lines(["-wF", path]) {
      let words = line.split(separator: " ")
      if words.first == "LOC" { columns = Array(words.dropFirst(2)) }
      if words.count < 3 || line.contains(" FDE ") || line.contains(" CIE ") { previous = nil }
      guard words.count == columns.count + 2, words[0].count == 16, words[0] != "LOC",
        let address = UInt64(words[0], radix: 16), address > 0
      else { continue }
      let row = try #require(try image.unwindRow(at: FileAddress(address)))
      let expected = words.dropFirst().joined(separator: " ")
      #expect(row.text(columns) == expected, "\(line)")
      if let previous {
        // Rows begin exactly where they should: before, the previous one holds.
        let before = try #require(try image.unwindRow(at: FileAddress(address - 1)))
        #expect(before.text(columns) == previous.text, "\(line)")
        #expect(before.function == row.function)
      }
      previous = (address, expected)
      compared += 1
    }
    #expect(compared > 10)
  }

  /// Exception tables: call sites and landing pads lie within their function, in order.
  @Test(arguments: Fixtures.programs)
  func exceptionTables(path: String) throws {
    let image = try Image(path: path)
    var callSites = 0
    for function in image.callFrames().functions {
      let row = try #require(try image.unwindRow(at: function.lowerBound))
      guard let table = try image.exceptionTable(of: row) else { continue }
      var end = function.lowerBound
      for site in table.callSites {
        #expect(site.code.lowerBound >= end && site.code.upperBound <= function.upperBound)
        if let pad = site.landingPad { #expect(function.contains(pad)) }
        for action in try table.actions(of: site) { #expect(abs(action.filter) < 16) }
        end = site.code.upperBound
        callSites += 1
      }
    }
    #expect(callSites > 0 || image.sections[.gccExceptTable].isEmpty)
  }

  /// The ranges and names of every function with code.
  @Test(.enabled(if: Oracle.has("llvm-dwarfdump")), arguments: Fixtures.programs)
  func functions(path: String) throws {
    let image = try Image(path: path)
    let text = try #require(Oracle("llvm-dwarfdump")).lines(["--debug-info", path])
    var id: UInt64?
    var low: UInt64?
    var compared = 0
    for line in text {
      if let offset = line.dieOffset {
        id = line.contains("DW_TAG_subprogram") ? offset : nil
        low = nil
        continue
      }
      guard let id else { continue }
      let attribute = line.trimmed
      if attribute.hasPrefix("DW_AT_low_pc") {
        low = line.hexNumber(after: "(0x")
      } else if let start = low, attribute.hasPrefix("DW_AT_high_pc"),
        let end = line.hexNumber(after: "(0x"), start < end,
        image.segments.contains(where: {
          $0.isExecutable && $0.addresses.contains(FileAddress(start))
        })
      {
        for address in [start, end - 4] {
          let function = try #require(try image.function(containing: FileAddress(address)))
          #expect(function.ranges == [FileAddress(start)..<FileAddress(end)])
          #expect(function.id == id)
        }
        compared += 1
      }
    }
    #expect(compared > 3)
  }

  /// Lines and inlined calls at some thousand addresses.
  @Test(.enabled(if: Oracle.has("llvm-symbolizer")), arguments: Fixtures.programs)
  func sourceLocations(path: String) throws {
    let image = try Image(path: path)
    var addresses: [FileAddress] = []
    for segment in image.segments where segment.isExecutable {
      let bounds = segment.addresses
      let step = max(4, (bounds.upperBound.rawValue - bounds.lowerBound.rawValue) / 1000 & ~3)
      addresses += stride(
        from: bounds.lowerBound.rawValue, to: bounds.upperBound.rawValue, by: Int(step)
      ).map { FileAddress($0) }
    }
    let input = addresses.map { $0.rawValue.description }.joined(separator: "\n")
    let lines = try #require(Oracle("llvm-symbolizer")).lines(
      ["--obj=" + path, "--inlines", "--no-demangle", "--functions=short", "--relativenames"],
      input: input)
    let answers = lines.split(separator: "", omittingEmptySubsequences: true).map(Array.init)
    try #require(answers.count >= addresses.count)
    var compared = 0
    for (address, answer) in zip(addresses, answers) {
      guard answer.first != "??", try image.function(containing: address)?.id != nil else {
        continue
      }
      let places = stride(from: 1, to: answer.count, by: 2).map { Place(answer[$0]) }
      let ours = try image.places(at: address)
      #expect(ours == places, "\(address)")
      compared += 1
    }
    #expect(compared > 10)
  }

  /// Static variables: every symbol of the table that DWARF names too is found at its address.
  @Test(.enabled(if: Oracle.has("llvm-dwarfdump")), arguments: Fixtures.programs)
  func variables(path: String) throws {
    let image = try Image(path: path)
    var names: [String] = []
    var name: String?
    for line in try #require(Oracle("llvm-dwarfdump")).lines(["--debug-info", path]) {
      if line.dieOffset != nil { name = nil }
      let attribute = line.trimmed
      if attribute.hasPrefix("DW_AT_name") { name = line.quoted }
      if attribute.hasPrefix("DW_AT_location"), line.contains("(DW_OP_addr"), let name {
        names.append(name)
      }
    }
    var found = 0
    for name in Set(names) where !(try image.variables(named: name)).isEmpty { found += 1 }
    let dropped = Set(names).count - found
    #expect(found > 3 && dropped < 8, "\(found) found, \(dropped) not")
  }
}

/// The last component of a file's path, and the line.
private struct Place: Equatable, CustomStringConvertible {
  let file: String
  let line: Int
  var description: String { "\(file):\(line)" }

  /// `/a/b.rs:12:5`
  init(_ text: Substring) {
    let parts = text.split(separator: ":")
    line = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    // Line 0 means no line: then the file means nothing either.
    file = line == 0 ? "??" : parts.first?.split(separator: "/").last.map(String.init) ?? ""
  }

  init(_ location: Symbols.SourceLocation?) {
    line = location?.line ?? 0
    file =
      line == 0 ? "??" : location?.file.split(separator: "/").last.map(String.init) ?? "??"
  }
}

extension Image {
  /// The place of the instruction in the innermost function, then the calls outwards.
  fileprivate func places(at address: FileAddress) throws -> [Place] {
    [Place(try sourceLocation(of: address))]
      + (try inlinedCalls(at: address)).map { Place($0.callSite) }
  }
}

extension UnwindRow {
  /// As readelf prints it: the CFA, then a rule for each column.
  fileprivate func text(_ columns: [Substring]) -> String {
    ([cfaText] + columns.map(text(of:))).joined(separator: " ")
  }

  private var cfaText: String {
    guard case .register(let number, let offset) = cfa else { return "exp" }
    return (number == 31 ? "sp" : "x\(number)") + (offset < 0 ? "\(offset)" : "+\(offset)")
  }

  private func text(of column: Substring) -> String {
    let number =
      column == "ra" ? returnAddressRegister : column == "sp" ? 31 : Int(column.dropFirst()) ?? -1
    switch rules[number] {
    case .offset(let value): return value < 0 ? "c\(value)" : "c+\(value)"
    case .sameValue: return "s"
    case .undefined, nil: return "u"
    default: return "?"
    }
  }
}

extension Substring {
  /// `0x0000abcd: DW_TAG_...`
  fileprivate var dieOffset: UInt64? {
    guard utf8.first == UInt8(ascii: "0"), contains("DW_TAG_") else { return nil }
    return UInt64(dropFirst(2).prefix { $0.isHexDigit }, radix: 16)
  }

  /// The text behind its leading blanks.
  fileprivate var trimmed: Substring { Substring(utf8.drop { $0 == UInt8(ascii: " ") }) }

  fileprivate var quoted: String? {
    let parts = split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count > 1 ? String(parts[1]) : nil
  }

  /// The hexadecimal number behind a marker.
  fileprivate func hexNumber(after marker: String) -> UInt64? {
    guard let start = firstRange(of: marker) else { return nil }
    let digits = self[start.upperBound...].split { !$0.isHexDigit }
    return digits.first.flatMap { UInt64($0, radix: 16) }
  }

  private func firstRange(of text: String) -> Range<Index>? {
    indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
  }
}
