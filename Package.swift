// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A module of kscope. What it may import stands here and nowhere else (`scripts/check` builds with
/// `--explicit-target-dependency-import-check error`).
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude,
    swiftSettings: settings)
}

let package = Package(
  name: "kscope",
  products: [.executable(name: "kscope", targets: ["kscope"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Shims over C libraries.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CLibedit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .systemLibrary(
      name: "CCapstone", pkgConfig: "capstone", providers: [.apt(["libcapstone-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CSystem"),

    // Reads bounded bytes; owns every call to the operating system.
    module("Binary", ["CSystem", "CZlib", "CZstd"]),
    // What a machine is: addresses, registers, architectures, targets, memory.
    module("Machine", ["Binary"]),
    // ELF files: segments, sections, symbols, notes.
    module("ELF", ["Binary", "Machine"]),
    // One file per section; DIEs, line programs, call frame information, expressions.
    module("DWARF", ["Binary", "Machine"]),
    // GDB remote serial protocol, client side.
    module("RemoteProtocol", ["Binary", "Machine"]),
    // ELF cores as targets.
    module("CrashDump", ["Binary", "Machine", "ELF"]),
    // Answers by name and by address, from ELF and DWARF together.
    module("Symbols", ["Binary", "Machine", "ELF", "DWARF"]),
    // Registers to frames; each frame says which rule found it.
    module("Unwinder", ["Binary", "Machine", "DWARF", "Symbols"]),
    // Values, parser, evaluator, formatting tree.
    module("Expressions", ["Binary", "Machine", "Symbols"]),
    // Rust names, enums and std collections, as entries in the registry of Expressions.
    module("RustFormatters", ["Binary", "Machine", "Symbols", "Expressions"]),
    // A library for writing a debugger; no user interface.
    module(
      "Debugger",
      ["Binary", "Machine", "DWARF", "Symbols", "Unwinder", "Expressions", "CCapstone"]),
    // What every kernel has, as value types and one protocol.
    module("KernelModel", ["Binary", "Machine", "Symbols", "Expressions", "Debugger"]),
    // Runs `plugins/kernels/*` against KernelModel.
    module(
      "LuaPlugins",
      ["Binary", "Machine", "Symbols", "Expressions", "Debugger", "KernelModel", "CLua"]),
    // All verbs: one type per command, each returns a Report.
    module(
      "Commands",
      [
        "Binary", "Machine", "Symbols", "Unwinder", "Expressions", "Debugger", "KernelModel",
        "LuaPlugins",
      ]),
    // The interactive terminal.
    module("REPL", ["Binary", "Machine", "Commands", "CLibedit"]),
    // Arguments in, wiring, exit status out.
    .executableTarget(
      name: "kscope",
      dependencies: [
        "Binary", "Machine", "RemoteProtocol", "CrashDump", "Symbols", "Expressions",
        "RustFormatters", "Debugger", "KernelModel", "LuaPlugins", "Commands", "REPL",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    // Builders and fakes for the tests; not shipped.
    .target(
      name: "TestSupport", dependencies: ["Binary", "Machine", "Symbols", "Debugger"],
      path: "Tests/TestSupport", swiftSettings: settings),
    tests("Binary", ["Binary"]),
    tests("Machine", ["Binary", "Machine"]),
    tests("ELF", ["Binary", "Machine", "ELF"]),
    tests("DWARF", ["Binary", "Machine", "DWARF"]),
    tests("RemoteProtocol", ["Binary", "Machine", "RemoteProtocol"]),
    tests("CrashDump", ["Binary", "Machine", "ELF", "CrashDump"]),
    tests("Symbols", ["Binary", "Machine", "ELF", "DWARF", "Symbols"]),
    tests("Unwinder", ["Binary", "Machine", "DWARF", "Symbols", "Unwinder"]),
    tests("Expressions", ["Binary", "Machine", "Symbols", "Expressions"]),
    tests("RustFormatters", ["Binary", "Machine", "Symbols", "Expressions", "RustFormatters"]),
    tests("Debugger", ["Binary", "Machine", "Symbols", "Unwinder", "Expressions", "Debugger"]),
    tests(
      "LuaPlugins",
      ["Binary", "Machine", "Symbols", "Expressions", "Debugger", "KernelModel", "LuaPlugins"]),
    tests(
      "Commands",
      [
        "Binary", "Machine", "Symbols", "Unwinder", "Expressions", "Debugger", "KernelModel",
        "Commands",
      ]),
    tests("System", ["Binary"]),
  ]
)
