import Foundation
import Testing

/// One command in a terminal of its own: a tmux server that ends with its owner.
final class TmuxTerminal {
  private let folder = ScratchFolder()
  private let server: Background
  private var socket: String { folder.file("tmux") }
  /// The command's process.
  private(set) var pid: Int32 = 0

  init(
    _ command: [String], columns: Int = 100, rows: Int = 30, environment: [String: String] = [:]
  ) throws {
    let settings = """
      set -g remain-on-exit on
      set -g escape-time 0
      set -g history-limit 5000
      set -g status off
      """
    try settings.write(toFile: folder.file("tmux.conf"), atomically: true, encoding: .utf8)
    // In the foreground, because Foundation waits for all that inherit its descriptors, a daemon
    // too. Foundation also starts its children with all signals blocked, and tmux needs SIGCHLD.
    let unblocked = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      os.execvp(sys.argv[1], sys.argv[1:])
      """
    server = try Background(
      "/usr/bin/env",
      [
        "python3", "-c", unblocked, "tmux", "-D", "-S", folder.file("tmux"), "-f",
        folder.file("tmux.conf"),
      ])
    let folder = folder
    try #require(SystemTests.wait { FileManager.default.fileExists(atPath: folder.file("tmux")) })
    let home = [
      "XDG_STATE_HOME": folder.file("state"), "XDG_CONFIG_HOME": folder.file("config"),
      "SWIFT_BACKTRACE": "enable=no",
    ]
    let variables = home.merging(environment) { $1 }.sorted { $0.key < $1.key }
    // tmux 3.3 sometimes misses the end of a command: the shell writes its status down.
    let shell = "trap : INT HUP; \"$@\"; echo $? >\(folder.file("status"))"
    let answer = try tmux(
      ["new-session", "-d", "-x", String(columns), "-y", String(rows), "sh", "-c", shell, "sh"]
        + ["env", "-u", "NO_COLOR"] + variables.map { "\($0.key)=\($0.value)" } + command)
    try #require(answer.status == 0, "tmux: \(answer.errors)")
    let parent = try #require(Int32(format("pane_pid")))
    try #require(SystemTests.wait { !ProcessTable.children(of: parent).isEmpty })
    pid = ProcessTable.children(of: parent)[0]
  }

  deinit {
    _ = try? tmux(["kill-server"])
    server.kill()
  }

  /// Types text as it is.
  func type(_ text: String) throws { _ = try tmux(["send-keys", "-l", text]) }

  /// Presses keys by tmux's names: `Enter`, `Tab`, `C-c`.
  func press(_ keys: String...) throws { _ = try tmux(["send-keys"] + keys) }

  /// Types a line, with its end.
  func enter(_ line: String) throws {
    if !line.isEmpty { try type(line) }
    try press("Enter")
  }

  func resize(columns: Int, rows: Int = 30) throws {
    _ = try tmux(["resize-window", "-x", String(columns), "-y", String(rows)])
  }

  /// Forgets what has scrolled away and clears the screen, as Ctrl-L in kscope does.
  func clear() throws {
    try press("C-l")
    _ = wait(seconds: 5) { capture(["-p"]).count <= 1 }
    _ = try tmux(["clear-history"])
  }

  /// What is on the screen and above it, without blanks at the ends of lines and empty lines below.
  var lines: [String] { capture(["-p", "-S", "-5000"]) }

  private func capture(_ options: [String]) -> [String] {
    let text = (try? tmux(["capture-pane"] + options).output) ?? ""
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  var lastLine: String { lines.last ?? "" }

  /// The status of the command after its end, 128 + N for signal N; nil: it runs.
  var exitStatus: Int32? {
    let text = folder.text("status")
    return text.hasSuffix("\n") ? Int32(text.dropLast()) : nil
  }

  func wait(seconds: Double = 30, until condition: () -> Bool) -> Bool {
    SystemTests.wait(seconds: seconds, until: condition)
  }

  /// Waits for a line with this text in it; the screen is part of the failure's message.
  func expect(
    _ text: String, seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isThere = wait(seconds: seconds) { lines.contains { $0.contains(text) } }
    #expect(
      isThere, "no '\(text)' in:\n\(lines.joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }

  /// Waits until the last line is exactly this.
  func expectLast(
    _ text: String, seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isThere = wait(seconds: seconds) { lastLine == text }
    #expect(
      isThere, "'\(text)' is not the last of:\n\(lines.joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }

  /// Waits for the command's end with this status.
  func expectEnd(
    _ status: Int32, seconds: Double = 10, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let hasEnded = wait(seconds: seconds) { exitStatus == status }
    #expect(
      hasEnded,
      "alive: \(ProcessTable.isAlive(pid)), status \(exitStatus ?? -1):\n\(lines.joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }

  private func format(_ name: String) -> String {
    let output = (try? tmux(["display-message", "-p", "#{\(name)}"]).output) ?? ""
    return output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func tmux(_ arguments: [String]) throws -> Finished {
    try SystemTests.run(
      "/usr/bin/env", ["tmux", "-S", socket, "-f", folder.file("tmux.conf")] + arguments,
      seconds: 20, environment: ["TMUX": "", "LC_ALL": "C.UTF-8"])
  }
}

/// Waits until `condition` holds; false when it did not within `seconds`.
func wait(seconds: Double = 30, until condition: () -> Bool) -> Bool {
  let deadline = Date().addingTimeInterval(seconds)
  while Date() < deadline {
    if condition() { return true }
    usleep(20_000)
  }
  return condition()
}

/// What /proc says of processes.
enum ProcessTable {
  /// Whether a process is there and no zombie.
  static func isAlive(_ pid: Int32) -> Bool {
    guard let (state, _) = status(pid) else { return false }
    return state != "Z" && state != "X"
  }

  static func children(of parent: Int32) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { status($0)?.parent == parent }.sorted()
  }

  /// From `/proc/PID/stat`: `PID (NAME) STATE PARENT ...`.
  private static func status(_ pid: Int32) -> (state: String, parent: Int32)? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let words = text[text.index(after: end)...].split(separator: " ")
    guard words.count > 1, let parent = Int32(words[1]) else { return nil }
    return (String(words[0]), parent)
  }
}
