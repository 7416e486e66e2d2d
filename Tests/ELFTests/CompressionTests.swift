import Binary
import Foundation
import TestSupport
import Testing

@testable import ELF

/// Sections that other tools have compressed, and damaged ones.
struct CompressionTests {
  static let names = [".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_loc"]

  @Test(arguments: ["zlib", "zlib-gnu", "zstd"])
  func expandsWhatObjcopyCompressed(format: String) throws {
    let objcopy = try #require(Oracle("aarch64-linux-gnu-objcopy"))
    for shape in Fixtures.shapes {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("compression-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let packed = folder.appendingPathComponent("packed.elf").path
      _ = try objcopy.lines(["--compress-debug-sections=\(format)", shape, packed])

      let plain = try ELFFile(try Bytes(mapping: shape), path: shape)
      let file = try ELFFile(try Bytes(mapping: packed), path: packed)
      var compressed = 0
      for name in Self.names {
        let expected = try plain.contents(ofSectionNamed: name)
        #expect(try file.contents(ofSectionNamed: name)?.array == expected?.array, "\(name)")
        let stored = file.section(named: name) ?? file.section(named: ".z" + name.dropFirst())
        if let stored, stored.byteCount < UInt64(expected?.count ?? 0) { compressed += 1 }
      }
      #expect(compressed >= 3, "objcopy has left the sections as they were")
      try survivesDamage(of: file)
    }
  }

  /// A flipped byte or a cut anywhere in a compressed section is an error or other contents, never
  /// a trap.
  private func survivesDamage(of file: ELFFile) throws {
    let section = try #require(
      file.section(named: ".debug_abbrev") ?? file.section(named: ".zdebug_abbrev"))
    let stored = try file.storedContents(of: section)
    var failures = 0
    for offset in 0..<min(stored.count, 400) {
      var damaged = stored.array
      damaged[offset] ^= 0x55
      for bytes in [Bytes(damaged), stored[0..<offset]] {
        if (try? file.expanded(bytes, of: section)) == nil { failures += 1 }
      }
    }
    #expect(failures > 400)
  }

  /// A claim that no input can meet is refused before memory is taken.
  @Test func refusesBombs() throws {
    let bytes = Bytes([0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01])
    #expect(throws: DecompressionError.tooLarge(.max)) {
      try bytes.expanded(.zlib, byteCount: .max)
    }
    #expect(throws: DecompressionError.tooLarge(1 << 20)) {
      try bytes.expanded(.zlib, byteCount: 1 << 20)
    }
    #expect(throws: DecompressionError.tooLarge(5 << 30)) {
      try bytes.expanded(.zstd, byteCount: 5 << 30)
    }
    #expect(throws: DecompressionError.wrongSize(expected: 3)) {
      try bytes.expanded(.zlib, byteCount: 3)
    }
  }
}
