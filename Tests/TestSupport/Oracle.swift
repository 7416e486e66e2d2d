import Foundation

/// Another program whose answers ours are compared with.
public struct Oracle: Sendable {
  private let executable: String

  /// nil: it is not installed.
  public init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    guard
      let path = folders.map({ "\($0)/\(name)" })
        .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else { return nil }
    executable = path
  }

  /// Whether the program is installed; for `.enabled(if:)`.
  public static func has(_ name: String) -> Bool { Oracle(name) != nil }

  /// What the program prints, line by line.
  public func lines(_ arguments: [String], input: String? = nil) throws -> [Substring] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    if let input {
      let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("oracle-\(UUID().uuidString)")
      try Data(input.utf8).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      process.standardInput = try FileHandle(forReadingFrom: file)
      try process.run()
    } else {
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
  }
}
