import Foundation
import Testing

/// What goes wrong before any command runs: one line that says what and why, one that says what to do.
@Suite struct BadStartTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let status: Int32
    let arguments: @Sendable (ScratchFolder) throws -> [String]
    /// What the line must say.
    let says: String
    var hasHint = true

    init(
      _ name: String, _ status: Int32, says: String, hint: Bool = true,
      _ arguments: @escaping @Sendable (ScratchFolder) throws -> [String]
    ) {
      testDescription = name
      self.status = status
      self.says = says
      hasHint = hint
      self.arguments = arguments
    }
  }

  static let guest = Guest(scenario: "steady", cpus: 1)
  private static let nothing = ["--", "false"]
  private static let core =
    Checkout.root.appendingPathComponent("Tests/Fixtures/cores/qemu-virt-2-cpus.core").path

  private static let images: [Case] = [
    Case("no such image", 1, says: "/nonexistent: open: No such file") { _ in
      ["run", "-k", "/nonexistent"] + nothing
    },
    Case("a folder as image", 1, says: "/tmp: read: Is a directory") { _ in
      ["run", "-k", "/tmp"] + nothing
    },
    Case("a device as image", 1, says: "/dev/zero: ") { _ in
      ["run", "-k", "/dev/zero"] + nothing
    },
    Case("no ELF file", 1, says: "not an ELF file") { folder in
      try "just text\n".write(toFile: folder.file("text"), atomically: true, encoding: .utf8)
      return ["run", "-k", folder.file("text")] + nothing
    },
    Case("an image of the host's architecture", 1, says: "/bin/true: ") { _ in
      ["run", "-k", "/bin/true"] + nothing
    },
    Case("an image that is not the target's", 4, says: "is not what the target runs: code at 0x") {
      folder in
      try ["run", "-k", damaged(in: folder), "-e", "cpus"] + ["--"] + guest.qemu()
    },
  ]

  private static let targets: [Case] = [
    Case("nobody listens on TCP", 3, says: "Connection refused") { _ in ["attach", ":1"] },
    Case("nobody listens on the socket", 3, says: "/none: No such file") { folder in
      ["attach", "unix:" + folder.file("none")]
    },
    Case("no port", 2, says: "no port in \"somewhere\"", hint: false) { _ in
      ["attach", "somewhere"]
    },
    Case("a bad port", 2, says: "bad port \"99999\"", hint: false) { _ in
      ["attach", "localhost:99999"]
    },
    Case("QEMU refuses", 3, says: "QEMU ended with status 1: qemu-system-aarch64: ", hint: false) {
      _ in ["run", "--", "qemu-system-aarch64", "-M", "no-such-machine"]
    },
    Case("a command that ends at once", 3, says: "QEMU ended with status 1", hint: false) { _ in
      ["run", "--", "false"]
    },
    Case("no such command", 3, says: "cannot start no-such-qemu: No such file") { _ in
      ["run", "--", "no-such-qemu"]
    },
    Case("QEMU speaks in escape sequences", 3, says: "\\e[31mred\\x07", hint: false) { _ in
      ["run", "--", "sh", "-c", "printf '\\033[31mred\\007\\n'; exit 1"]
    },
  ]

  private static let dumps: [Case] = [
    Case("no such dump", 3, says: "/nonexistent: No such file") { _ in ["open", "/nonexistent"] },
    Case("a folder as dump", 3, says: "/tmp: Is a directory") { _ in ["open", "/tmp"] },
    Case("text as dump", 3, says: "is no dump: not an ELF file") { folder in
      try "no dump\n".write(toFile: folder.file("text"), atomically: true, encoding: .utf8)
      return ["open", folder.file("text")]
    },
    Case("an executable as dump", 3, says: "is an executable, not a dump") { _ in
      ["open", Checkout.bramble("bramble")]
    },
    Case("a dump cut in its header", 3, says: "is no dump: the file ends within the ELF header") {
      folder in
      try cut(core, to: 50, at: folder.file("cut"))
      return ["open", folder.file("cut")]
    },
  ]

  private static let options: [Case] = [
    Case("an unknown option", 2, says: "Unknown option '--bogus'") { _ in
      ["open", "--bogus", core]
    },
    Case("an unknown subcommand", 2, says: "'bogus'") { _ in ["bogus"] },
    Case("no QEMU command", 2, says: "no QEMU command") { _ in ["run"] },
    Case("no target", 2, says: "<target>") { _ in ["attach"] },
    Case("an unknown log topic", 2, says: "unknown log topic 'x'") { _ in
      ["open", core, "--log", "x"]
    },
    Case("an unknown colour", 2, says: "'pink'") { _ in ["open", core, "--color", "pink"] },
    Case("no such script", 1, says: "/nonexistent: No such file") { _ in
      ["open", core, "-x", "/nonexistent"]
    },
    Case("a folder as script", 1, says: "/tmp: Is a directory") { _ in
      ["open", core, "-x", "/tmp"]
    },
    Case("no such plugin", 1, says: "there is no plugin 'nope'") { _ in
      ["open", core, "--plugin", "nope"]
    },
    Case("no such plugin file", 1, says: "/nope.lua: No such file", hint: false) { _ in
      ["open", core, "--plugin", "/nope.lua"]
    },
    Case("a plugin that is no Lua", 1, says: "bad.lua:2: syntax error", hint: false) { folder in
      try "-- a line\nthis is ( no Lua\n".write(
        toFile: folder.file("bad.lua"), atomically: true, encoding: .utf8)
      return ["open", core, "--plugin", folder.file("bad.lua")]
    },
  ]

  @Test(arguments: images + targets + dumps + options) func oneLine(of wrong: Case) throws {
    let folder = ScratchFolder()
    let finished = try run(
      Checkout.kscope, try wrong.arguments(folder), seconds: 60,
      environment: ["TMPDIR": folder.path])
    #expect(finished.status == wrong.status)
    #expect(finished.output == "")
    let lines = finished.errors.split(separator: "\n").map(String.init)
    #expect(lines.count == (wrong.hasHint ? 2 : 1), "\(finished.errors)")
    #expect(lines.first?.hasPrefix("kscope: ") == true, "\(finished.errors)")
    #expect(lines.first?.contains(wrong.says) == true, "\(finished.errors)")
    if wrong.hasHint { #expect(lines.last?.hasPrefix("hint: ") == true, "\(finished.errors)") }
    // Nothing of ours is left behind.
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!left.contains { $0.hasPrefix("kscope-") && !$0.hasPrefix("kscope-test-") })
  }

  @Test func cutDumpsAreUsedAsFarAsTheyGo() throws {
    let folder = ScratchFolder()
    try Self.cut(Self.core, to: 5000, at: folder.file("cut"))
    let finished = try run(Checkout.kscope, ["open", folder.file("cut"), "-e", "cpus"])
    #expect(finished.status == 0)
    #expect(finished.outputLines.count == 3)
    #expect(finished.errors.contains("the file is cut at 0x1388, it should end at 0x28b0"))
  }

  @Test func imagesWithoutDebuggingInformationGiveSymbols() throws {
    let folder = ScratchFolder()
    let stripped = folder.file("stripped")
    let strip = try run(
      "/usr/bin/env",
      ["aarch64-linux-gnu-strip", "--strip-debug", "-o", stripped, Checkout.bramble("bramble")])
    try #require(strip.status == 0, "\(strip.errors)")
    let finished = try run(
      Checkout.kscope,
      [
        "run", "--at-reset", "-k", stripped, "--keep-going", "-e", "hb bramble_truth_end", "-e",
        "continue", "-e", "info symbol $pc", "-e", "threads", "--",
      ] + Self.guest.qemu())
    #expect(finished.status == 1)
    #expect(
      finished.errors.hasPrefix("kscope: warning: \(stripped) has no debugging information"))
    #expect(finished.errors.contains("no image has debugging information"))
    #expect(finished.outputLines.last?.contains("bramble_truth_end") == true, "\(finished.output)")
  }

  // MARK: Making bad files

  /// A copy of bramble whose code differs everywhere.
  private static func damaged(in folder: ScratchFolder) throws -> String {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Checkout.bramble("bramble"))))
    let word = { (offset: Int) in (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
    let (headers, count) = (word(32), Int(bytes[56]))
    for header in (0..<count).map({ headers + 56 * $0 })
    where bytes[header] == 1 && bytes[header + 4] & 1 == 1 {
      let (start, size) = (word(header + 8), word(header + 32))
      for offset in stride(from: start, to: start + size, by: 16) { bytes[offset] ^= 1 }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file("damaged")))
    return folder.file("damaged")
  }

  private static func cut(_ path: String, to count: Int, at copy: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    try data.prefix(count).write(to: URL(fileURLWithPath: copy))
  }
}
