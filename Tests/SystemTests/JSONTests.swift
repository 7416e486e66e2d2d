import Foundation
import Testing

/// `--json`: one line of JSON per command, in the documented shape, and nothing else on stdout.
@Suite(.serialized) struct JSONTests {
  /// Read-only commands, and what their envelope says they are.
  static let commands: [(line: String, command: String)] = [
    ("threads", "threads"), ("threads state=blocked", "threads"), ("thread 105", "thread"),
    ("thread", "thread"), ("domains", "domains"), ("domain 2", "domain"), ("spaces", "spaces"),
    ("space 1", "space"), ("caps", "caps"), ("ipc", "ipc"), ("ipc 3", "ipc"),
    ("endpoints", "endpoints"), ("endpoint 3", "endpoint"), ("messages", "messages"),
    ("recovery", "recovery"), ("cpus", "cpus"), ("cpu 0", "cpu"), ("cpu", "cpu"),
    ("why thread 105.state", "why"), ("why THREAD_MAP", "why"), ("bt", "backtrace"),
    ("frame 0", "frame"), ("up", "up"), ("down", "down"),
    ("info registers", "info registers"), ("info locals", "info locals"),
    ("info symbol $pc", "info symbol"), ("list", "list"), ("p 6 * 7", "print"),
    ("p THREAD_MAP", "print"), ("p/x $pc", "print"), ("x/4xg $sp", "x"),
    ("disas", "disassemble"), ("info images", "info images"), ("image list", "image list"),
    ("info breakpoints", "info breakpoints"), ("console", "console"),
    ("console search truth", "console"), ("monitor info version", "monitor"),
    ("help", "help"), ("help threads", "help"), ("apropos thread", "apropos"),
    ("info target", "info target"), ("plugin", "plugin"),
  ]

  /// Lines that fail, and words of the reason.
  static let failing: [(line: String, command: String, says: String)] = [
    ("thrads", "thrads", "unknown command 'thrads'"),
    ("thread 999", "thread", "there is no thread '999'"),
    ("threads nosuch=1", "threads", "no field 'nosuch'"),
    ("x/4x 0x10", "x", "not mapped"), ("p nosuch_thing", "print", "nosuch_thing"),
    ("frame 999", "frame", "no frame 999"), ("cpu 9", "cpu", "no CPU 9"),
    ("break nosuch_thing", "break", "nosuch_thing"),
    ("info nonsense", "info", "nonsense"), ("delete 7", "delete", "no breakpoint 7"),
  ]

  static let members: Set<String> = [
    "schema", "command", "target", "consistency", "data", "warnings", "error",
  ]

  @Test func everyCommandAnswersWithOneDocumentedLine() throws {
    let folder = ScratchFolder()
    let lines = Self.commands.map(\.line) + Self.failing.map(\.line)
    let finished = try run(
      Checkout.kscope,
      ["run"] + Guest.images + ["--json", "--keep-going"] + lines.flatMap { ["-e", $0] } + ["--"]
        + Guest(scenario: "steady", cpus: 1).qemu())
    #expect(finished.status == 1)
    #expect(finished.output.hasSuffix("}\n"))
    let envelopes = try Envelope.all(finished.output)
    try #require(envelopes.count == lines.count, "\(envelopes.map(\.command))")
    for (envelope, (line, command)) in zip(envelopes, Self.commands) {
      Self.checkEnvelope(envelope, of: line, command)
      #expect(envelope.json["error"] is NSNull, "\(line): \(envelope.json)")
      #expect(!(envelope.json["data"] is NSNull), "\(line) gives no data")
    }
    for (envelope, (line, command, says)) in zip(
      envelopes.dropFirst(Self.commands.count), Self.failing)
    {
      Self.checkEnvelope(envelope, of: line, command)
      #expect(envelope.json["data"] is NSNull, "\(line)")
      let error = try #require(envelope.json["error"] as? [String: Any], "\(line)")
      #expect(Set(error.keys) == ["message", "hint"], "\(line)")
      #expect((error["message"] as? String)?.contains(says) == true, "\(line): \(error)")
      #expect(error["hint"] is String || error["hint"] is NSNull)
    }
    _ = folder
  }

  private static func checkEnvelope(_ envelope: Envelope, of line: String, _ command: String) {
    #expect(Set(envelope.json.keys) == members, "\(line)")
    #expect(envelope.command == command, "\(line)")
    let name = command.replacingOccurrences(of: " ", with: "-")
    #expect(envelope.json["schema"] as? String == "kscope.\(name)/1", "\(line)")
    #expect((envelope.json["target"] as? String)?.hasPrefix("QEMU at unix:") == true, "\(line)")
    #expect(envelope.json["consistency"] as? String == "halted", "\(line)")
    #expect(envelope.json["warnings"] as? [String] == [], "\(line): \(envelope.json)")
  }

  // MARK: Objects

  /// Views whose rows are objects of one kind: member of `data`, kind in the documentation.
  static let views: [(line: String, member: String, kind: String)] = [
    ("cpus", "cpus", "cpu"), ("threads", "threads", "thread"), ("domains", "domains", "domain"),
    ("spaces", "spaces", "space"), ("caps", "capabilities", "capability"),
    ("ipc", "endpoints", "endpoint"), ("ipc", "messages", "message"),
    ("endpoints", "endpoints", "endpoint"), ("messages", "messages", "message"),
    ("notifications", "notifications", "notification"), ("irqs", "irqs", "irq"),
    ("accounts", "accounts", "account"), ("rings", "rings", "ring"),
    ("recovery", "events", "recovery"),
  ]

  @Test func objectsHaveTheDocumentedFields() throws {
    let schema = try Documented()
    #expect(schema.fields.count == 14, "\(schema.fields.keys)")
    let finished = try Guest(scenario: "faulty-server", cpus: 1).run(
      Self.views.map(\.line), options: ["--json"], in: ScratchFolder())
    #expect(finished.status == 0, "\(finished.errors)")
    let envelopes = try Envelope.all(finished.output)
    try #require(envelopes.count == Self.views.count)
    for (envelope, view) in zip(envelopes, Self.views) {
      let rows = envelope.rows(view.member)
      #expect(!rows.isEmpty, "\(view.line): no \(view.member) to look at")
      let forms = try #require(schema.fields[view.kind])
      for row in rows {
        #expect(row["problem"] == nil, "\(view.line): \(row)")
        for (name, value) in row {
          guard let form = forms[name] else {
            Issue.record("\(view.kind).\(name) is not documented")
            continue
          }
          #expect(Self.has(value, form), "\(view.kind).\(name) is \(value), not \(form)")
        }
      }
    }
  }

  /// Whether a value has the documented form.
  private static func has(_ value: Any, _ form: String) -> Bool {
    if let object = value as? [String: Any], let certainty = object["certainty"] as? String {
      guard object["reason"] is String, let inner = object["value"] else { return false }
      return certainty == "unavailable"
        ? inner is NSNull : certainty == "inferred" && has(inner, form)
    }
    if value is NSNull { return true }
    switch form {
    case "text": return value is String
    case "number", "duration": return value is NSNumber
    case "address", "hex": return (value as? String)?.hasPrefix("0x") == true
    case "list": return value is [Any]
    default:
      guard form.hasPrefix("reference"), let object = value as? [String: Any] else { return false }
      let kind = object["kind"] as? String
      let isRight = form == "reference" || kind.map { form == "reference (\($0))" } == true
      return isRight && object["id"] is String
    }
  }

  /// The documentation's tables: kind, then field, then form.
  struct Documented {
    private(set) var fields: [String: [String: String]] = [:]

    init() throws {
      let finished = try SystemTests.run(Checkout.kscope, ["schemas"])
      var kind = ""
      for line in finished.outputLines {
        if line.hasPrefix("## ") { kind = String(line.dropFirst(3)) }
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 3, cells[0].hasPrefix("`"), kind != "Envelope" else { continue }
        fields[kind, default: [:]][String(cells[0].dropFirst().dropLast())] = cells[1]
      }
    }
  }
}
