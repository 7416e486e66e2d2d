import Foundation

/// Where things are in this checkout.
enum Checkout {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// The kscope that was built with these tests.
  static let kscope: String = {
    let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let beside = products.appendingPathComponent("kscope").path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return root.appendingPathComponent(".build/debug/kscope").path
  }()

  static func bramble(_ image: String) -> String {
    root.appendingPathComponent(".build/bramble/\(image)").path
  }
}

/// A folder that goes when its owner goes.
final class ScratchFolder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "kscope-test-" + UUID().uuidString.prefix(8)
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func text(_ name: String) -> String {
    (try? String(decoding: Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)) ?? ""
  }
}

/// What a finished command left.
struct Finished {
  let status: Int32
  let output: String
  let errors: String
  let timedOut: Bool

  var outputLines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs a command to its end; kills it after `seconds`.
func run(
  _ executable: String, _ arguments: [String], seconds: Double = 120, input: String? = nil,
  environment: [String: String] = [:], directory: String? = nil
) throws -> Finished {
  let folder = ScratchFolder()
  for name in ["out", "err", "in"] {
    _ = FileManager.default.createFile(
      atPath: folder.file(name), contents: Data((name == "in" ? input ?? "" : "").utf8))
  }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: executable)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment
    .merging(["NO_COLOR": "1", "SWIFT_BACKTRACE": "enable=no"]) { $1 }
    .merging(environment) { $1 }
  if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
  process.standardInput = FileHandle(forReadingAtPath: folder.file("in"))
  process.standardOutput = FileHandle(forWritingAtPath: folder.file("out"))
  process.standardError = FileHandle(forWritingAtPath: folder.file("err"))
  try process.run()
  let deadline = Date().addingTimeInterval(seconds)
  while process.isRunning, Date() < deadline { usleep(5_000) }
  let timedOut = process.isRunning
  if timedOut { kill(process.processIdentifier, SIGKILL) }
  process.waitUntilExit()
  return Finished(
    status: process.terminationStatus, output: folder.text("out"), errors: folder.text("err"),
    timedOut: timedOut)
}

/// A background process that ends with its owner.
final class Background {
  private let process = Process()
  let folder = ScratchFolder()

  init(_ executable: String, _ arguments: [String]) throws {
    _ = FileManager.default.createFile(atPath: folder.file("out"), contents: nil)
    let output = FileHandle(forWritingAtPath: folder.file("out"))
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  var isRunning: Bool { process.isRunning }
  var pid: Int32 { process.processIdentifier }
  func kill() {
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  deinit { kill() }

  /// Waits until `condition` holds; false when it did not within `seconds`.
  func wait(seconds: Double = 30, until condition: () -> Bool) -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline {
      if condition() { return true }
      usleep(10_000)
    }
    return condition()
  }
}
