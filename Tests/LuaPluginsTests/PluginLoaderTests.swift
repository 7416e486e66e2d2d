import Foundation
import KernelModel
import Testing

@testable import LuaPlugins

/// A directory with these plugins, removed afterwards.
private func withPlugins(
  _ sources: [String: String], _ body: (PluginLoader) throws -> Void
) throws {
  let root = FileManager.default.temporaryDirectory
    .appendingPathComponent("kscope-plugins-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: root) }
  for (name, source) in sources {
    let folder = root.appendingPathComponent("kernels/\(name)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(source.utf8).write(to: folder.appendingPathComponent("init.lua"))
  }
  try body(PluginLoader(directories: ["/nowhere", root.path]))
}

private func plugin(_ name: String, fit: String) -> String {
  "return { name = '\(name)', detect = function(k) return \(fit) end }"
}

@Suite struct PluginLoaderTests {
  @Test func takesTheBestFit() throws {
    let sources = [
      "a": plugin("a", fit: "20"), "b": plugin("b", fit: "90"), "c": plugin("c", fit: "0"),
    ]
    try withPlugins(sources) { loader in
      #expect(loader.kernelPlugins().map(\.name) == ["a", "b", "c"])
      let detection = loader.detect(in: FakeEnvironment())
      #expect(detection.kernel?.name == "b")
      #expect(detection.problems.isEmpty)
    }
  }

  @Test func brokenPluginsDoNotHinderOthers() throws {
    let sources = [
      "bad": plugin("bad", fit: "error('broken')"), "good": plugin("good", fit: "10"),
      "half": "return { name = ", "loop": "while true do end", "zero": "return 5",
    ]
    try withPlugins(sources) { loader in
      let detection = loader.detect(in: FakeEnvironment())
      #expect(detection.kernel?.name == "good")
      #expect(
        detection.problems.map { String($0.message.prefix(40)) } == [
          "plugin bad: bad/init.lua:1: broken", "plugin half/init.lua: half/init.lua:1: u",
          "plugin loop/init.lua: loop/init.lua:1: s", "plugin zero/init.lua: zero/init.lua must",
        ])
    }
  }

  @Test func nothingFits() throws {
    try withPlugins(["c": plugin("c", fit: "0")]) { loader in
      #expect(loader.detect(in: FakeEnvironment()).kernel == nil)
    }
  }

  @Test func byNameOrPath() throws {
    try withPlugins(["a": plugin("a", fit: "20")]) { loader in
      #expect(try loader.plugin("a").name == "a")
      let folder = try #require(loader.directories.last) + "/kernels/a"
      #expect(try loader.plugin(folder).name == "a")
      #expect(try loader.plugin(folder + "/init.lua").path == folder + "/init.lua")
      let error = #expect(throws: KernelError.self) { try loader.plugin("linux") }
      #expect(error?.message == "there is no plugin 'linux'")
      #expect(error?.hint == "there are: a")
      #expect(throws: KernelError.self) { try loader.plugin("/nowhere/x.lua") }
    }
  }

  @Test(arguments: [
    ("return { name = 'new', api = 99 }", "is written for version 99 of the plugin API"),
    ("return {}", "must return a table with a 'name'"),
    (String(repeating: " ", count: 2 << 20), "is too large for a plugin"),
    ("local x = io.open('/etc/passwd')", "attempt to index a nil value (global 'io')"),
    ("", "must return a table with a 'name', not a nil"),
  ])
  func isRefused(_ source: String, _ message: String) throws {
    try withPlugins(["p": source]) { loader in
      let error = #expect(throws: KernelError.self) { try loader.plugin("p") }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  /// The plugins that ship with kscope load.
  @Test func shippedPluginsLoad() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let loader = PluginLoader(directories: [root.appendingPathComponent("plugins").path])
    let names = loader.kernelPlugins().map(\.name)
    #expect(names.contains("bramble"))
    for name in names {
      let plugin = try loader.plugin(name)
      #expect(plugin.name == name)
      for kind in ObjectKind.allCases {
        #expect(plugin.has(RowReader(kind: kind).functionName), "\(name) has no \(kind.plural)")
      }
    }
  }
}
