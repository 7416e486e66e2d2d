/// Whether the target stood still while a command looked at it.
public enum Consistency: String, Sendable {
  /// Stopped: all answers belong to one moment.
  case halted
  case dump
  /// It ran: answers may belong to different moments.
  case running
}

/// The JSON object that a command gives: one line, the same members for every command.
public struct Envelope: Sendable {
  public var command: String
  /// Version of the shape of `data`.
  public var version: Int
  public var target: String?
  public var consistency: Consistency?

  public init(command: String, version: Int = 1, target: String?, consistency: Consistency?) {
    self.command = command
    self.version = version
    self.target = target
    self.consistency = consistency
  }

  public func render(_ report: Report) -> String {
    render(data: report.data, warnings: report.warnings, error: .null)
  }

  public func render(_ error: CommandError) -> String {
    render(
      data: .null, warnings: [],
      error: ["message": .string(error.message), "hint": .text(error.hint)])
  }

  private func render(data: JSON, warnings: [String], error: JSON) -> String {
    let schema = "kscope." + command.split(separator: " ").joined(separator: "-")
    let envelope: JSON = [
      "schema": .string("\(schema)/\(version)"), "command": .string(command),
      "target": .text(target), "consistency": .text(consistency?.rawValue), "data": data,
      "warnings": .array(warnings.map { .string($0) }), "error": error,
    ]
    return envelope.text + "\n"
  }
}
