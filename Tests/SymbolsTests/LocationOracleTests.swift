import Binary
import DWARF
import ELF
import Machine
import TestSupport
import Testing

/// Location lists of whole programs, compared with llvm-dwarfdump.
struct LocationOracleTests {
  /// Each entry of each list gives its expression at its first and last address.
  @Test(.enabled(if: Oracle.has("llvm-dwarfdump")), arguments: Fixtures.programs)
  func locations(path: String) throws {
    let file = try ELFFile(try Bytes(mapping: path), path: path)
    let information = DebugInformation(
      DWARFSections { try? file.contents(ofSectionNamed: $0.rawValue) })
    #expect(information.problems.isEmpty)
    var die: UInt64?
    var compared = 0
    for line in try #require(Oracle("llvm-dwarfdump")).lines(["--debug-info", path]) {
      if line.utf8.first == UInt8(ascii: "0") {
        die = UInt64(line.utf8Prefix(from: 2, to: UInt8(ascii: ":")), radix: 16)
        continue
      }
      // `   [0x0000000000000000,  0x0000000000000010): DW_OP_reg0 W0`
      let text = line.drop { $0 == " " }
      guard text.utf8.first == UInt8(ascii: "["), text.utf8.contains(UInt8(ascii: "D")),
        let offset = die, compared < 3000
      else { continue }
      let numbers = text.split { !$0.isHexDigit && $0 != "x" }.filter { $0.hasPrefix("0x") }
      guard numbers.count >= 2, let start = UInt64(numbers[0].dropFirst(2), radix: 16),
        let end = UInt64(numbers[1].dropFirst(2), radix: 16), start < end, start > 0
      else { continue }
      let found = try information.die(at: offset)
      let value = try #require(try found.attribute(.location))
      for address in [start, end - 1] {
        let expression = try found.unit.location(value, at: FileAddress(address))
        let first = try #require(expression?.first, "\(line)")
        let name = try #require(text.split(separator: " ").first { $0.hasPrefix("DW_OP_") })
        #expect(
          Self.name(of: first) == name.dropFirst(6).prefix { $0 != "," && $0 != "(" }, "\(line)")
      }
      compared += 1
    }
    #expect(compared > 3)
  }

  private static func name(of byte: UInt8) -> String {
    switch byte {
    case 0x30...0x4f: return "lit\(byte - 0x30)"
    case 0x50...0x6f: return "reg\(byte - 0x50)"
    case 0x70...0x8f: return "breg\(byte - 0x70)"
    case 0xf3: return "GNU_entry_value"
    case 0xa3: return "entry_value"
    default: return DWOperation(rawValue: byte).map { "\($0)" } ?? "?"
    }
  }
}

extension Substring {
  /// The text from an offset up to a byte; cheaper than by characters.
  fileprivate func utf8Prefix(from start: Int, to end: UInt8) -> Substring {
    let rest = utf8.dropFirst(start)
    return Substring(rest.prefix { $0 != end })
  }
}
