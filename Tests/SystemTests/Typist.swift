import Binary
import Foundation
import Synchronization

/// Somebody at a terminal: a program on a pseudo-terminal (util-linux `script`), typed at and watched.
final class Typist {
  private let process = Process()
  private let keyboard = Pipe()
  private let screen = Pipe()
  private let shown = Screen()

  private final class Screen: Sendable {
    let bytes = Mutex<[UInt8]>([])
  }

  /// How much of the screen `expect` has passed.
  private var seen = 0

  init(_ command: [String], environment: [String: String] = [:]) throws {
    Signals.surviveClosedPipes()
    let quoted = command.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    process.arguments = [
      "-qefc", "stty cols 100 rows 30; exec " + quoted.joined(separator: " "), "/dev/null",
    ]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TERM": "xterm", "NO_COLOR": "1"]) { $1 }.merging(environment) { $1 }
    process.standardInput = keyboard
    process.standardOutput = screen
    process.standardError = screen
    screen.fileHandleForReading.readabilityHandler = { [shown] handle in
      let data = handle.availableData
      shown.bytes.withLock { $0 += data }
    }
    try process.run()
  }

  deinit { if process.isRunning { process.terminate() } }

  var text: String { shown.bytes.withLock { String(decoding: $0, as: UTF8.self) } }

  func type(_ keys: String) {
    try? keyboard.fileHandleForWriting.write(contentsOf: Data(keys.utf8))
  }

  /// Waits until `wanted` appears behind what was expected before; returns what came until then, or nil.
  @discardableResult
  func expect(_ wanted: String, seconds: Double = 30) -> String? {
    let bytes = Array(wanted.utf8)
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      let screen = shown.bytes.withLock { $0 }
      if let place = Self.find(bytes, in: screen, from: seen) {
        defer { seen = place + bytes.count }
        return String(decoding: screen[seen..<place], as: UTF8.self)
      }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return nil
  }

  /// Types a line and gives what the program answers until its next prompt.
  func ask(_ line: String, seconds: Double = 30) -> String? {
    type(line + "\n")
    guard expect("\r\n", seconds: seconds) != nil else { return nil }
    return expect("] > ", seconds: seconds)?.replacingOccurrences(of: "\r\n", with: "\n")
  }

  /// The exit status, or nil: it still runs after `seconds`.
  func end(seconds: Double = 30) -> Int32? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while process.isRunning {
      guard ContinuousClock.now < deadline else { return nil }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return process.terminationStatus
  }

  private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= start + wanted.count else { return nil }
    return (start...bytes.count - wanted.count).first {
      bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
  }
}
