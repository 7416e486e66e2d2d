import Binary
import ELF
import TestSupport
import Testing

@testable import Symbols

struct RustDemanglerTests {
  @Test(arguments: [
    ("_RNvC6_123foo3bar", "123foo::bar"),
    ("_RNvNtCs8eh67Tjo2ZQ_6rustpi6kernel4main", "rustpi::kernel::main"),
    ("_RNCNCNgCs6DXkGYLi8lr_2cc5spawn00B5_", "cc::spawn::{closure#0}::{closure#0}"),
    ("_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>"),
    ("_RINvNtC3std3mem8align_ofjdE.llvm.42", "std::mem::align_of::<usize, f64>"),
    ("_RNvMC0TA8_Rh4bc", nil), ("_R", nil), ("main", nil), ("_RNvC", nil), ("_RB_", nil),
    ("_RIC1aB_E", nil),
  ])
  func demangles(name: String, path: String?) {
    #expect(RustDemangler.demangle(name) == path)
  }

  /// Every mangled symbol of whole programs.
  @Test(.enabled(if: Oracle.has("c++filt")), arguments: Fixtures.programs)
  func agrees(path: String) throws {
    let names = try ELFFile(try Bytes(mapping: path), path: path).symbols().map { String($0.name) }
      .filter { $0.hasPrefix("_R") && !$0.contains(".") }
    let answers = try #require(Oracle("c++filt")).lines([], input: names.joined(separator: "\n"))
    for (name, answer) in zip(names, answers) {
      #expect(RustDemangler.demangle(name) ?? name == Self.withoutHashes(answer))
    }
    #expect(names.count > 3)
  }

  /// `core[1eb95a942f2852f8]::fmt` to `core::fmt`, `[u8; 4: usize]` to `[u8; 4]`.
  private static func withoutHashes(_ text: Substring) -> String {
    let plain = [": usize", ": u8", ": u16", ": u32", ": u64", ": bool"].reduce(String(text)) {
      $0.replacing($1, with: "")
    }
    let parts = plain.split(separator: "[", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(String(parts[0])) { result, part in
      let hash = part.prefix { $0.isHexDigit }
      let isHash = hash.count >= 8 && part.dropFirst(hash.count).first == "]"
      return result + (isHash ? String(part.dropFirst(hash.count + 1)) : "[" + part)
    }
  }

  @Test func survivesNoise() {
    var random = SeededGenerator(seed: 11)
    let letters = Array("CMXYNIBsu_E0123456789aehjLKGTRDFAS".utf8)
    for _ in 0..<3000 {
      let noise = (0..<40).map { _ in letters.randomElement(using: &random) ?? 0 }
      _ = RustDemangler.demangle("_RN" + String(decoding: noise, as: UTF8.self))
    }
  }
}
