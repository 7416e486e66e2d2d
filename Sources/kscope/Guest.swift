import Binary
import Commands
import Machine
import RemoteProtocol

/// A QEMU of our own: its private folder, its stub's socket, its console's log. Ends with its owner.
final class Guest {
  private let folder: String
  private let child: ChildProcess
  let console: LogFileConsole
  private var socket: String { folder + "/gdb" }
  private var errors: String { folder + "/qemu.log" }

  /// How long QEMU may take until its stub listens.
  private static let startSeconds = 15.0

  init(starting command: [String]) throws(StartError) {
    let base = StandardStreams.environment("TMPDIR") ?? "/tmp"
    var made: String?
    do {
      let folder = try OutputFile.makeTemporaryFolder(prefix: base + "/kscope-")
      made = folder
      self.folder = folder
      console = LogFileConsole(path: Self.consolePath(command, folder: folder))
      try OutputFile.write([], to: folder + "/console.log", mode: 0o600)
      child = try ChildProcess(
        Self.arguments(command, folder: folder), outputPath: folder + "/qemu.log")
    } catch {
      if let made { Self.removeFolder(made) }
      throw StartError(
        .cannotConnect, "\(error)", hint: "is QEMU installed? (package qemu-system-arm)")
    }
  }

  deinit { end() }

  func end() {
    child.terminate()
    Self.removeFolder(folder)
  }

  private static func removeFolder(_ folder: String) {
    for name in ["gdb", "console.log", "qemu.log"] { OutputFile.remove(folder + "/" + name) }
    OutputFile.remove(folder)
  }

  /// Where the first serial port is written: our log, the user's file, or QEMU's output.
  static func consolePath(_ command: [String], folder: String) -> String {
    if command.contains("-nographic") || command.contains("--nographic") {
      return folder + "/qemu.log"
    }
    if let option = command.firstIndex(where: { $0 == "-serial" || $0 == "--serial" }),
      option + 1 < command.count
    {
      let device = command[option + 1]
      if device.hasPrefix("file:") { return String(device.dropFirst(5)) }
      if device == "stdio" || device == "mon:stdio" { return folder + "/qemu.log" }
    }
    return folder + "/console.log"
  }

  /// The user's command with the stub, `-S`, and a quiet serial port unless the user chose one.
  static func arguments(_ command: [String], folder: String) -> [String] {
    var result = command
    let has = { (names: [String]) in command.contains { names.contains($0) } }
    result += ["-gdb", "unix:\(folder)/gdb,server=on,wait=off", "-S"]
    if !has(["-serial", "--serial", "-nographic", "--nographic"]) {
      result += ["-serial", "file:\(folder)/console.log"]
    }
    if !has(["-display", "--display", "-nographic", "--nographic"]) {
      result += ["-display", "none"]
    }
    if !has(["-monitor", "--monitor", "-nographic", "-mon", "-qmp"]) {
      result += ["-monitor", "none"]
    }
    return result
  }

  /// Waits for the stub; QEMU's own words when it ends instead.
  func connect(
    _ connection: RemoteTarget.Options, _ output: StandardOutput
  ) throws(StartError) -> RemoteTarget {
    var connection = connection
    connection.firstReplySeconds = Self.startSeconds
    let deadline = ContinuousClock.now + .seconds(Self.startSeconds)
    while !OutputFile.exists(socket) {
      if Interrupt.shared.isRequested { throw StartError(.interrupted, "interrupted") }
      guard !child.hasExited else { throw failure() }
      guard ContinuousClock.now < deadline else {
        throw StartError(.cannotConnect, "QEMU's stub did not appear within 15 s")
      }
      _ = StandardStreams.waitForInput(-1, milliseconds: 5)
    }
    while true {
      do throws(StartError) {
        return try Attach.connect("unix:" + socket, connection, output)
      } catch {
        if child.hasExited { throw failure() }
        // The socket's file is there a moment before QEMU listens.
        let isEarly = error.status == .cannotConnect && error.message.hasPrefix("cannot connect")
        guard isEarly, ContinuousClock.now < deadline else { throw error }
        _ = StandardStreams.waitForInput(-1, milliseconds: 5)
      }
    }
  }

  private func failure() -> StartError {
    let words = (try? Bytes(mapping: errors)).map { String($0) } ?? ""
    let lines = words.split(separator: "\n").prefix(5).joined(separator: "; ")
    let status = child.exitStatus.map { " with status \($0)" } ?? ""
    return StartError(
      .cannotConnect, "QEMU ended\(status)\(lines.isEmpty ? "" : ": " + lines)")
  }
}

/// The serial port's log file.
final class LogFileConsole: GuestConsole {
  let path: String
  private static let chunk = 4 << 20

  init(path: String) { self.path = path }

  func bytes(from offset: Int) throws(CommandError) -> [UInt8] {
    let all: Bytes
    do { all = try Bytes(mapping: path) } catch { throw CommandError("\(error)") }
    guard offset < all.count else { return [] }
    return Array(all[offset..<min(all.count, offset + Self.chunk)])
  }
}
