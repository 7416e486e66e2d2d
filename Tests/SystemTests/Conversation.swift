import Foundation
import Testing

/// kscope on pipes: a command in, its line of JSON out.
final class Conversation {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()

  /// `arguments` choose the target.
  init(_ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["--kill-after=1", "300", Checkout.kscope] + arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["NO_COLOR": "1", "SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit { end() }

  /// Sends one command and waits for its answer.
  @discardableResult
  func send(_ command: String) throws -> Envelope {
    try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
        buffer.removeSubrange(buffer.startIndex...end)
        return try Envelope(line)
      }
      let more = output.fileHandleForReading.availableData
      try #require(!more.isEmpty, "kscope ended at '\(command)'")
      buffer.append(more)
    }
  }

  /// Detaches, and waits until kscope has ended.
  func end() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
