import Foundation
import Testing

/// A plugin that fails in one view: the others go on, and the reason names plugin and line.
@Suite(.serialized) struct PluginErrorTests {
  private let folder = ScratchFolder()

  /// bramble's plugin with these functions in the place of its own.
  private func plugin(_ functions: String) throws -> String {
    let original = try String(
      contentsOf: Checkout.root.appendingPathComponent("plugins/kernels/bramble/init.lua"),
      encoding: .utf8)
    let end = try #require(original.range(of: "return M", options: .backwards))
    let changed = original.replacingCharacters(in: end, with: functions + "\nreturn M")
    try changed.write(toFile: folder.file("broken.lua"), atomically: true, encoding: .utf8)
    return folder.file("broken.lua")
  }

  @Test func oneBrokenViewLeavesTheOthers() throws {
    let path = try plugin(
      """
      function M.threads(k) error("no threads today \\27[31m") end
      function M.domains(k) while true do end end
      function M.endpoints(k) local t = {} while true do t[#t + 1] = ("x"):rep(1000) end end
      """)
    let finished = try Guest(scenario: "steady", cpus: 1).run(
      ["threads", "domains", "endpoints", "spaces"],
      options: ["--plugin", path, "--batch", "--keep-going"], in: folder)
    #expect(finished.status == 1)
    #expect(!finished.timedOut)
    #expect(finished.output.contains("root"), "spaces are shown: \(finished.output)")
    let errors = finished.errors.split(separator: "\n").filter { $0.hasPrefix("kscope: ") }
    #expect(errors.contains { $0.contains("broken.lua:") && $0.contains("no threads today") })
    #expect(errors.contains { $0.contains("too long") }, "\(errors)")
    #expect(errors.contains { $0.contains("memory") }, "\(errors)")
    #expect(!finished.errors.contains("\u{1b}"))
  }

  @Test func aRowThatFailsStaysWithItsReason() throws {
    let path = try plugin(
      """
      function M.spaces(k)
        return k:each(k:global("bramble::space::SPACE_MAP"), function(key, space, row)
          row.id = key
          if key:num() == 1 then error("odd space") end
          row.root = k.address(space.root)
        end)
      end
      """)
    let finished = try Guest(scenario: "steady", cpus: 1).run(
      ["spaces"], options: ["--plugin", path, "--json"], in: folder)
    #expect(finished.status == 0, "\(finished.errors)")
    let rows = try #require(try Envelope.all(finished.output).first).rows("spaces")
    #expect(rows.count > 2)
    #expect(
      (rows.first { $0["id"] as? String == "1" }?["problem"] as? String)?.contains("odd space")
        == true)
    #expect(rows.first { $0["id"] as? String == "2" }?["problem"] == nil)
  }

  @Test func scriptsRunInTheirOrder() throws {
    try "p 2\np 3\n".write(toFile: folder.file("script"), atomically: true, encoding: .utf8)
    let guest = Guest(scenario: "steady", cpus: 1)
    let finished = try run(
      Checkout.kscope,
      ["run"] + Guest.images + ["-e", "p 1", "-x", folder.file("script"), "-e", "p 4", "--"]
        + guest.qemu(serial: folder.file("serial")))
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(finished.outputLines == ["$1 = 1", "$2 = 2", "$3 = 3", "$4 = 4"])
  }

  @Test func commandsFromAPipe() throws {
    let guest = Guest(scenario: "steady", cpus: 1)
    let finished = try run(
      Checkout.kscope,
      ["run"] + Guest.images + ["--"] + guest.qemu(serial: folder.file("serial")),
      input: "p 6 * 7\nthreds\np 1\n")
    #expect(finished.outputLines.first == "$1 = 42")
    #expect(finished.errors.contains("did you mean"), "\(finished.errors)")
    #expect(finished.status == 1)
  }
}
