import Binary
import Foundation
import Testing

/// A guest under QEMU that waits for a debugger at its first instruction; ends with its owner.
///
/// kscope and gdb take turns on its GDB socket; both leave the guest stopped where it is.
final class Emulator {
  let folder = ScratchFolder()
  private let process: Background
  private let monitor: MachineProtocol

  init(scenario: String, cpus: Int, options: [String] = []) throws {
    let folder = folder
    process = try Background(
      "/usr/bin/timeout",
      [
        "--kill-after=1", "600", "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72",
        "-smp", String(cpus), "-m", "256M", "-display", "none", "-monitor", "none", "-serial",
        "file:\(folder.file("serial"))", "-kernel", Checkout.bramble("bramble"), "-append",
        "scenario=\(scenario)", "-gdb", "unix:\(folder.file("gdb")),server=on,wait=off", "-qmp",
        "unix:\(folder.file("qmp")),server=on,wait=off", "-S",
      ] + options)
    let started = process.wait {
      FileManager.default.fileExists(atPath: folder.file("qmp"))
        && FileManager.default.fileExists(atPath: folder.file("gdb"))
    }
    try #require(started, "QEMU did not start: \(process.folder.text("out"))")
    monitor = try MachineProtocol(path: folder.file("qmp"))
  }

  deinit { _ = try? monitor.execute("quit") }

  var console: String { folder.text("serial") }

  static var images: [String] { ["bramble", "servers", "user"].map(Checkout.bramble) }

  /// Runs kscope with these commands; it detaches at the end.
  func kscope(_ commands: [String], seconds: Double = 120) throws -> [Envelope] {
    let finished = try run(
      Checkout.kscope, attachment + commands.flatMap { ["-e", $0] } + ["--batch", "--keep-going"],
      seconds: seconds)
    return try Envelope.all(finished.output)
  }

  var attachment: [String] {
    ["attach", "unix:" + folder.file("gdb"), "--json", "--no-init"] + Guest.images
  }

  /// Runs gdb with these commands and returns what it printed, without the noise of starting.
  func gdb(_ commands: [String], script: String = "", seconds: Double = 60) throws -> [String] {
    let scriptFile = folder.file("script.py")
    try Data(script.utf8).write(to: URL(fileURLWithPath: scriptFile))
    let setup =
      [
        "set pagination off", "set confirm off", "set width 0", "set backtrace past-main on",
        "set backtrace past-entry on", "target remote \(folder.file("gdb"))",
      ] + Self.images.dropFirst().map { "add-symbol-file \($0)" } + ["echo \\n--begin--\\n"]
    let finished = try run(
      "/usr/bin/gdb-multiarch",
      ["-q", "-nx", "-batch", Self.images[0]] + setup.flatMap { ["-ex", $0] }
        + (script.isEmpty ? [] : ["-x", scriptFile]) + commands.flatMap { ["-ex", $0] }
        + ["-ex", "echo \\n--end--\\n", "-ex", "disconnect"], seconds: seconds)
    let lines = finished.output.split(separator: "\n").map(String.init)
    let begin = try #require(lines.firstIndex(of: "--begin--"), "\(finished.errors)")
    let end = try #require(lines.firstIndex(of: "--end--"), "\(finished.output)\(finished.errors)")
    return Array(lines[lines.index(after: begin)..<end])
  }

  /// A line for QEMU's own monitor, and its answer.
  func ask(_ line: String, of cpu: Int = 0) throws -> String {
    try monitor.execute("human-monitor-command", ["command-line": line, "cpu-index": cpu])
      as? String ?? ""
  }

  /// Words of guest memory by physical address, through QEMU's monitor.
  func physicalWords(_ address: UInt64, count: Int) throws -> [UInt64] {
    try words(try ask("xp/\(count)gx 0x\(String(address, radix: 16))"))
  }

  /// Words by virtual address of CPU 0, through QEMU's monitor.
  func virtualWords(_ address: UInt64, count: Int) throws -> [UInt64] {
    try words(try ask("x/\(count)gx 0x\(String(address, radix: 16))"))
  }

  /// `0000000040000000: 0x... 0x...`, one line per two words.
  private func words(_ answer: String) throws -> [UInt64] {
    answer.split(whereSeparator: \.isNewline).flatMap { line in
      line.split(separator: " ").dropFirst().compactMap { UInt64($0.dropFirst(2), radix: 16) }
    }
  }

  /// Registers of a CPU as QEMU's monitor prints them: `X00=... SP=... PC=... PSTATE=...`.
  func registers(of cpu: Int) throws -> [String: UInt64] {
    var registers: [String: UInt64] = [:]
    for line in try ask("info registers", of: cpu).split(whereSeparator: \.isNewline) {
      for word in line.split(separator: " ") {
        let parts = word.split(separator: "=")
        guard parts.count == 2, let value = UInt64(parts[1], radix: 16) else { continue }
        registers[parts[0].lowercased()] = value
      }
    }
    return registers
  }
}

/// QEMU's machine protocol on a socket of its own: JSON lines, one answer per command.
final class MachineProtocol {
  private let stream: SocketStream
  private var buffer: [UInt8] = []

  init(path: String) throws {
    stream = try .unix(path: path, deadline: .now + .seconds(10))
    _ = try line()
    _ = try execute("qmp_capabilities")
  }

  func execute(_ command: String, _ arguments: [String: Any] = [:]) throws -> Any? {
    let request: [String: Any] = ["execute": command, "arguments": arguments]
    let data = try JSONSerialization.data(withJSONObject: request)
    try stream.write(Array(data) + [10], deadline: .now + .seconds(10))
    while true {
      let answer = try JSONSerialization.jsonObject(with: Data(try line()))
      guard let object = answer as? [String: Any] else { continue }
      if let value = object["return"] { return value }
      if let error = object["error"] { throw Failure(description: "\(command): \(error)") }
    }
  }

  struct Failure: Error, CustomStringConvertible { let description: String }

  private func line() throws -> [UInt8] {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = Array(buffer[..<end])
        buffer.removeFirst(end + 1)
        return line
      }
      switch try stream.read(into: &buffer, deadline: .now + .seconds(30)) {
      case .bytes: continue
      case .timedOut, .woken, .ended: throw Failure(description: "QEMU's monitor is silent")
      }
    }
  }
}
