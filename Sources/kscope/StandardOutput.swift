import Binary
import Commands

/// Results on stdout, everything else on stderr. Text is escaped by the renderings before it comes here.
final class StandardOutput: OutputSink {
  /// Nobody reads stdout any more (`kscope ... | head`).
  private(set) var isClosed = false

  func write(_ text: String) {
    guard !isClosed, !text.isEmpty else { return }
    do {
      try OutputFile.write(text.utf8, to: StandardStreams.output, named: "standard output")
    } catch {
      isClosed = true
    }
  }

  func error(_ text: String) {
    try? OutputFile.write(text.utf8, to: StandardStreams.error, named: "standard error")
  }

  /// `kscope: what: why`, and what to try on a line of its own.
  func fail(_ message: String, hint: String?) {
    error("kscope: \(Escaping.line(message))\n")
    if let hint { error("hint: \(Escaping.line(hint))\n") }
  }

  func warn(_ message: String) { error("kscope: warning: \(Escaping.line(message))\n") }
}
