import Foundation
import TestSupport
import Testing

/// Names, lines and instructions of the real images against gdb and objdump.
@Suite(.serialized) struct SymbolTests {
  /// A thread whose space has the image, so that its addresses mean that image.
  static let images = [("bramble", "cpu 0"), ("servers", "thread 104"), ("user", "thread 110")]

  /// `at ADDRESS LINE FILE FUNCTION`, as gdb resolves an address.
  static func script(_ addresses: [UInt64]) -> String {
    """
    import gdb
    for address in [\(addresses.map(String.init).joined(separator: ","))]:
        place = gdb.find_pc_line(address)
        block = gdb.block_for_pc(address)
        while block is not None and block.function is None:
            block = block.superblock
        name = block.function.name if block is not None else "-"
        file = place.symtab.filename if place.symtab else "-"
        print("at %x %d %s %s" % (address, place.line, file, name))
    """
  }

  @Test func addressesHaveTheNamesAndLinesThatGDBSays() throws {
    let seed: UInt64 = 0x11e5
    var random = SeededGenerator(seed: seed)
    let guest = try Emulator(scenario: "steady", cpus: 1)
    _ = try guest.kscope(["tb bramble_truth_end", "c --for 60s"])
    for (image, selection) in Self.images {
      let addresses = try Self.codeAddresses(of: image, count: 200, using: &random)
      let answers = try guest.kscope(
        [selection] + addresses.map { "info symbol \(hex($0))" }
      ).dropFirst()
      let theirs = try Self.gdb(image, Self.script(addresses)).filter { $0.hasPrefix("at ") }
      try #require(
        answers.allSatisfy { $0.json["error"] is NSNull }, "\(image): \(answers[1].json)")
      try #require(theirs.count == addresses.count && answers.count == addresses.count)
      for (line, answer) in zip(theirs, answers) {
        let words = line.split(separator: " ", maxSplits: 4).map(String.init)
        let place = answer.place ?? [:]
        #expect(place["image"] as? String == image, "\(line)")
        if words[4] != "-" {
          let function = withoutHashes(place["function"] as? String ?? "")
          #expect(
            isSameFunction(function, withoutHashes(words[4])), "\(line), seed \(seed)")
        }
        // gdb shows the row before one without a line; kscope, like addr2line, says that there is none.
        if words[3] != "-", let shown = (place["line"] as? NSNumber)?.intValue {
          #expect(shown == Int(words[2]), "\(line): \(place), seed \(seed)")
          let file = place["file"] as? String ?? "-"
          #expect(Self.isSameFile(file, words[3]), "\(line): \(file)")
        }
      }
    }
  }

  /// An image, the end of a source file's path, and what stands on one of its lines.
  static let lines = [
    ("bramble", "kernel/src/truth.rs", "bramble_truth_end();"),
    ("bramble", "kernel/src/syscall.rs", "match Call::from_number"),
    ("servers", "disk/src/lib.rs", "buffer.fill(block"),
    ("servers", "disk/src/lib.rs", "sleep(SEEK_TIME)"),
    ("user", "clients/src/worker.rs", "steps += 1"),
    ("user", "clients/src/worker.rs", "let steps = count_steps"),
  ]

  static func lineNumber(of text: String, in file: String) throws -> Int {
    let folder = ["kernel": "", "disk": "servers/", "clients": "user/"]
    let top = file.split(separator: "/").first.map(String.init) ?? ""
    let path = Checkout.root.path + "/Sources/bramble/" + (folder[top] ?? "") + file
    let lines = try String(contentsOfFile: path, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    return try #require(lines.firstIndex { $0.contains(text) }, "\(text) in \(file)") + 1
  }

  /// Every address of a line is one that gdb attributes to that line, and gdb knows no function
  /// with the line that has none.
  @Test func linesHaveAddressesOfThatLine() throws {
    let guest = try Emulator(scenario: "steady", cpus: 1)
    _ = try guest.kscope(["tb bramble_truth_end", "c --for 60s"])
    for (image, file, text) in Self.lines {
      let line = try Self.lineNumber(of: text, in: file)
      let answer = try #require(try guest.kscope(["b \(file):\(line)"]).first)
      let shown = answer.rows("breakpoints").compactMap { number($0["address"]) }
      #expect(!shown.isEmpty, "\(file):\(line): \(answer.json)")
      let names = Set(
        try Emulator.images.filter { $0.hasSuffix(image) }
          .flatMap { try Self.gdb(String($0.split(separator: "/").last ?? ""), Self.script(shown)) }
      )
      let name = file.split(separator: "/").last.map(String.init) ?? file
      let found = names.filter { $0.contains(" \(line) ") && $0.contains(name) }
      #expect(!found.isEmpty, "\(file):\(line): \(shown.map(hex)) are \(names)")
    }
  }

  @Test(arguments: ["bramble_truth_end", "trap_entry", "memcpy", "idle"])
  func instructionsAreThoseOfObjdump(function: String) throws {
    let name = try #require(
      FrameChain.symbols(of: Checkout.bramble("bramble")).first { $0.name.contains(function) })
    let listing = try run(
      "/usr/bin/aarch64-linux-gnu-objdump",
      ["-d", "--no-show-raw-insn", "--disassemble=\(name.name)", Checkout.bramble("bramble")]
    ).outputLines
    let theirs = listing.filter { $0.contains(":\t") }.map { line -> String in
      let words = line.split(separator: "\t").map { $0.trimmingCharacters(in: .whitespaces) }
      return "0x\(words[0].dropLast()) \(words[1])"
    }
    let guest = try Emulator(scenario: "steady", cpus: 1)
    let answer = try #require(try guest.kscope(["disas \(name.name)"]).first)
    let mine = answer.rows("instructions").map { row -> String in
      "\(hex(number(row["address"]) ?? 0)) \(row["mnemonic"] as? String ?? "?")"
    }
    #expect(!theirs.isEmpty && mine.count == theirs.count)
    for (mine, theirs) in zip(mine, theirs) { #expect(Self.withoutAliases(mine) == theirs) }
  }

  /// Capstone's preferred words for what objdump calls otherwise.
  static func withoutAliases(_ instruction: String) -> String {
    var words = instruction.split(separator: " ").map(String.init)
    words[1] = ["b.hs": "b.cs", "b.lo": "b.cc", "movz": "mov"][words[1]] ?? words[1]
    // Capstone counts the kind of a landing pad (`bti c`) to the mnemonic.
    return words.prefix(2).joined(separator: " ")
  }

  // MARK: Oracles

  /// The function's own name, without path and generic arguments: the prebuilt library has DWARF
  /// without namespaces, where kscope takes the path out of the linkage name.
  static func baseName(_ name: String) -> String {
    var depth = 0
    var kept = ""
    for character in name.replacingOccurrences(of: "::<", with: "<") {
      if character == ">" { depth -= 1 }
      if depth == 0, character != "<", character != ">" { kept.append(character) }
      if character == "<" { depth += 1 }
    }
    return kept.split(separator: ":").last.map(String.init) ?? kept
  }

  static func gdb(_ image: String, _ script: String) throws -> [String] {
    let folder = ScratchFolder()
    try Data(script.utf8).write(to: URL(fileURLWithPath: folder.file("script.py")))
    return try run(
      "/usr/bin/gdb-multiarch",
      ["-q", "-nx", "-batch", Checkout.bramble(image), "-x", folder.file("script.py")]
    ).outputLines
  }

  /// Instructions of random functions, all of them as likely.
  static func codeAddresses(
    of image: String, count: Int, using random: inout SeededGenerator
  ) throws -> [UInt64] {
    let symbols = try FrameChain.symbols(of: Checkout.bramble(image))
    let functions = zip(symbols, symbols.dropFirst()).filter { first, second in
      "tT".contains(first.kind) && "tT".contains(second.kind) && first.start + 4 < second.start
        && second.start - first.start < 1 << 14 && first.name.hasPrefix("_R")
    }
    return (0..<count).map { _ in
      let (first, second) = functions[Int.random(in: 0..<functions.count, using: &random)]
      return first.start + UInt64.random(in: 0..<(second.start - first.start) / 4, using: &random)
        * 4
    }
  }

  /// gdb resolves `..` in paths.
  static func isSameFile(_ mine: String, _ theirs: String) -> Bool {
    URL(fileURLWithPath: mine).standardized.path.hasSuffix(
      URL(fileURLWithPath: theirs).standardized.lastPathComponent)
  }
}
