import Binary
import DWARF
import ELF
import Foundation
import Machine
import TestSupport
import Testing

@testable import Symbols

/// Relocatable files of many machines, compared with what llvm-dwarfdump says of them.
struct RelocationTests {
  static let program = """
    static int table[8];
    __attribute__((noinline)) int first(int value) { return table[value & 7] + value; }
    __attribute__((noinline)) static int second(const char *text) { return text[0] ? first(text[1]) : -1; }
    int third(int value) { table[value & 7] = second("third"); return value * 3; }
    """

  /// Compiles the program and gives the object file to `body`.
  private func compile(
    _ target: String, _ options: [String], _ body: (String) throws -> Void
  ) throws {
    let clang = try #require(Oracle("clang"))
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("relocation-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("program.c").path
    let object = folder.appendingPathComponent("program.o").path
    try Self.program.write(toFile: source, atomically: true, encoding: .utf8)
    _ = try clang.lines(
      ["--target=\(target)", "-ffreestanding", "-c", "-o", object, source] + options)
    try body(object)
  }

  @Test(
    arguments: [
      "aarch64", "x86_64", "i386", "arm", "riscv64", "riscv32", "powerpc64le", "powerpc64",
      "powerpc", "s390x", "mips",
    ].map { $0 + "-linux-gnu" }, [4, 5])
  func functionsAgree(target: String, version: Int) throws {
    try compile(target, ["-g", "-gdwarf-\(version)", "-O1"]) { object in
      let file = try ELFFile(try Bytes(mapping: object), path: object)
      var problems: [any Error] = []
      let information = DebugInformation(
        DWARFSections(endianness: file.header.endianness) { section in
          do {
            return try file.contents(ofSectionNamed: section.rawValue)
          } catch {
            problems.append(error)
            return nil
          }
        })
      #expect(problems.isEmpty && information.problems.isEmpty)
      let expected = try Self.oracle(object)
      #expect(expected.count == 3)
      #expect(try Self.functions(information) == expected)
    }
  }

  /// As `name at low_pc`, in the order of the file.
  private static func functions(_ information: DebugInformation) throws -> [String] {
    var found: [String] = []
    for unit in information.units {
      var walker = try DIEWalker(unit)
      while let die = try walker.next() {
        guard die.tag == .subprogram, let range = try die.ranges().first,
          let name = try die.name(),
          let text = (try? information.sections.string(name)).map(String.init)
        else { continue }
        found.append("\(text) at \(range.lowerBound.rawValue)-\(range.upperBound.rawValue)")
      }
    }
    return found
  }

  private static func oracle(_ object: String) throws -> [String] {
    var found: [String] = []
    var low: UInt64?
    var high: UInt64?
    let lines = try #require(Oracle("llvm-dwarfdump")).lines(["--debug-info", object])
    for line in lines {
      let attribute = line.trimmingPrefix { $0 == " " || $0 == "\t" }
      func number() -> UInt64? {
        attribute.split(separator: "(0x").last.flatMap { UInt64($0.dropLast(), radix: 16) }
      }
      if attribute.contains("DW_TAG_") { (low, high) = (nil, nil) }
      if attribute.hasPrefix("DW_AT_low_pc") { low = number() }
      if attribute.hasPrefix("DW_AT_high_pc") { high = number() }
      if attribute.hasPrefix("DW_AT_name"), let first = low, let last = high {
        found.append("\(attribute.split(separator: "\"")[1]) at \(first)-\(last)")
        low = nil
      }
    }
    return found
  }

  /// One function a section: no two functions share an address, and all answer by name and address.
  @Test func sectionsAreLaidOut() throws {
    try compile("aarch64-linux-gnu", ["-g", "-O1", "-ffunction-sections"]) { object in
      let image = try Image(path: object)
      #expect(image.problems.isEmpty)
      var addresses: Set<FileAddress> = []
      for name in ["first", "second", "third"] {
        let function = try #require(try image.functions(named: name).first)
        let start = try #require(function.ranges.first?.lowerBound)
        #expect(addresses.insert(start).inserted)
        #expect(try image.function(containing: start)?.qualifiedName == name)
        #expect(try image.sourceLocation(of: start)?.line != nil)
      }
    }
  }
}
