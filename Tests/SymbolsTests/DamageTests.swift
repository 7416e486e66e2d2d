import Binary
import DWARF
import ELF
import Machine
import TestSupport
import Testing

@testable import Symbols

/// Damaged files end in answers or errors, never in traps or endless loops.
struct DamageTests {
  @Test(arguments: Fixtures.shapes)
  func survivesDamagedSections(path: String) throws {
    let good = try Bytes(mapping: path).array
    let sections = try ELFFile(Bytes(good), path: path).sections.filter { section in
      (section.name.hasPrefix(".debug") || section.name == ".eh_frame") && section.byteCount > 0
    }
    for seed in UInt64(1)...150 {
      var random = SeededGenerator(seed: seed)
      var file = good
      let section = try #require(sections.randomElement(using: &random))
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let offset =
          Int(section.offset) + Int.random(in: 0..<Int(section.byteCount), using: &random)
        file[offset] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random)!
      }
      guard let image = try? Image(Bytes(file), path: "seed \(seed)") else { continue }
      image.askEverything()
    }
  }

  @Test(arguments: Fixtures.shapes)
  func survivesTruncation(path: String) throws {
    let good = try Bytes(mapping: path)
    for step in 0..<200 {
      let count = good.count * step / 200
      guard let image = try? Image(good[0..<count], path: "cut at \(count)") else { continue }
      image.askEverything()
    }
  }
}

extension Image {
  /// One question of each kind for each thing that the index knows.
  fileprivate func askEverything() {
    for name in ["IDLE", "CALLS", "shapes::GUARDS", "nothing"] {
      for variable in (try? variables(named: name)) ?? [] { explore(variable.type, depth: 0) }
    }
    for name in ["_start", "swap", "counted", "nothing"] {
      for function in (try? functions(named: name)) ?? [] {
        _ = try? addressAfterPrologue(of: function)
        for offset in stride(from: 0, to: 64 as UInt64, by: 8) {
          ask(at: function.entry + offset)
        }
      }
    }
    for item in index.types {
      if let type = try? type(id: item.die) { explore(.init(type), depth: 0) }
    }
    _ = try? types(named: "Thread")
    _ = try? addresses(file: "shapes.rs", line: 68)
    _ = completions(of: "sha", limit: 5)
    _ = symbol(containing: entry)
  }

  private func ask(at address: FileAddress) {
    _ = try? function(containing: address)
    _ = try? inlinedCalls(at: address)
    _ = try? sourceLocation(of: address)
    _ = try? unwindRow(at: address)
    for local in (try? locals(at: address)) ?? [] { explore(local.type, depth: 0) }
  }

  private func explore(_ reference: TypeReference, depth: Int) {
    guard depth < 4, let type = try? reference.resolve() else { return }
    switch type.kind {
    case .pointer(let target?): explore(target, depth: depth + 1)
    case .structure(let composite), .union(let composite):
      for member in composite.members.prefix(8) { explore(member.type, depth: depth + 1) }
      for variant in composite.variants?.variants.prefix(8) ?? [] {
        explore(variant.member.type, depth: depth + 1)
      }
    case .array(let element, _), .alias(let element): explore(element, depth: depth + 1)
    default: break
    }
  }
}
