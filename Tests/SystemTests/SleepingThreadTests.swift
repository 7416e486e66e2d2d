import Foundation
import Testing

/// Stacks of threads that do not run, in spaces that no CPU has: against the guest's own word and
/// the frame records in its memory, read through page tables that this test walks itself.
@Suite(.serialized) struct SleepingThreadTests {
  @Test func stacksReachTheirStart() throws {
    let guest = try Emulator(scenario: "steady", cpus: 1)
    _ = try guest.kscope(["tb bramble_truth_end", "c --for 60s"])
    let truth = GuestTruth(console: guest.console)
    try #require(truth.isComplete)
    let roots = Dictionary(
      uniqueKeysWithValues: truth["space"].map { ($0["id"] ?? "", number($0["root"]) ?? 0) })
    let threads = truth["thread"].filter { ["blocked", "ready"].contains($0["state"]) }
    try #require(threads.count >= 8)
    let answers = try guest.kscope(
      threads.flatMap { ["bt thread \($0["id"] ?? "")", "thread \($0["id"] ?? "")"] })
    for (index, thread) in threads.enumerated() {
      let mine = frames(answers[2 * index])
      let name = thread["name"] ?? ""
      #expect(mine.first?.pc == number(thread["pc"]), "\(name)")
      #expect(mine.last?.functions == ["_start"], "\(name)")
      let object = answers[2 * index + 1].data["thread"] as? [String: Any]
      let top = (object?["stack"] as? String)?.split(separator: "-").last.map(String.init)
      let table = PageTable(root: roots[thread["space"] ?? ""] ?? 0, guest: guest)
      let stack = try table.words(endingAt: number(top) ?? 0, count: 16 * 512)
      // A function of an image without frame pointers has no record; there are few.
      let recorded = try stack.records(of: mine.dropFirst().map(\.pc).reversed())
      #expect(recorded >= mine.count - 2, "\(name): \(recorded) records of \(mine)")
    }
  }
}

/// A user space's page table (39 bits, 4 KiB pages), read by physical address.
struct PageTable {
  let root: UInt64
  let guest: Emulator

  func physical(_ address: UInt64) throws -> UInt64? {
    var table = root
    for shift: UInt64 in [30, 21, 12] {
      let entry = try guest.physicalWords(table + (address >> shift & 511) * 8, count: 1).first ?? 0
      guard entry & 1 == 1 else { return nil }
      table = entry & 0xffff_ffff_f000
      if entry & 2 == 0 { return shift == 12 ? nil : table + address & ((1 << shift) - 1) }
    }
    return table + address & 4095
  }

  func words(endingAt end: UInt64, count: Int) throws -> StackWords {
    var words: [UInt64: UInt64] = [:]
    for page in stride(from: end - UInt64(count) * 8, to: end, by: 4096) {
      guard let place = try physical(page) else { continue }
      for (index, word) in try guest.physicalWords(place, count: 512).enumerated() {
        words[page + UInt64(index) * 8] = word
      }
    }
    return StackWords(words: words)
  }
}

struct StackWords {
  let words: [UInt64: UInt64]

  /// How many of the return addresses, outermost first, stand in frame records of which each
  /// points to the one before it.
  func records(of returnAddresses: [UInt64]) throws -> Int {
    var (outer, count): (UInt64, Int) = (0, 0)
    for address in returnAddresses {
      let found = words.filter { $0.value == outer && words[$0.key + 8] == address }.keys
      guard let record = found.filter({ outer == 0 || $0 < outer }).max() else { continue }
      outer = record
      count += 1
    }
    return count
  }
}
