import Foundation
import Testing

/// bramble in one scenario, stopped where it has printed the truth, and what kscope showed of it.
struct Guest: Sendable {
  let scenario: String
  let cpus: Int

  static let all = [
    "steady", "faulty-server", "deadlock", "leaky-recovery", "orphaned-lock", "crash", "revoke",
  ].flatMap { scenario in
    [1, 4].map { Guest(scenario: scenario, cpus: $0) }
  }

  static var images: [String] {
    ["bramble", "servers", "user"].flatMap { ["-k", Checkout.bramble($0)] }
  }

  /// The QEMU command; `serial` is the file that the guest's console goes to, nil: kscope's own.
  func qemu(serial: String? = nil) -> [String] {
    [
      "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", String(cpus), "-m",
      "256M", "-display", "none", "-monitor", "none", "-kernel", Checkout.bramble("bramble"),
      "-append", "scenario=\(scenario)",
    ] + (serial.map { ["-serial", "file:\($0)"] } ?? [])
  }

  /// Runs kscope on a fresh guest with these commands in order.
  func run(
    _ commands: [String], options: [String] = [], in folder: ScratchFolder, seconds: Double = 180
  ) throws -> Finished {
    try SystemTests.run(
      Checkout.kscope,
      ["run"] + Self.images + options + commands.flatMap { ["-e", $0] } + ["--"]
        + qemu(serial: folder.file("serial")), seconds: seconds)
  }
}

extension Guest: CustomTestStringConvertible {
  var testDescription: String { "\(scenario) on \(cpus) CPUs" }
}

/// One line of `--json`, as the envelope documents it.
struct Envelope {
  let json: [String: Any]

  init(_ line: String) throws {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
    json = try #require(object as? [String: Any])
  }

  var command: String { json["command"] as? String ?? "" }
  var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }

  /// Where the target stopped, of a command that runs it.
  var place: [String: Any]? { data["place"] as? [String: Any] }

  func rows(_ name: String) -> [[String: Any]] { data[name] as? [[String: Any]] ?? [] }

  static func all(_ output: String) throws -> [Envelope] {
    try output.split(separator: "\n").map { try Envelope(String($0)) }
  }
}

/// A value of kscope's JSON in the spelling of the guest's truth lines.
func truthSpelling(_ value: Any?, field: String) -> String {
  switch value {
  case nil, is NSNull: return "-"
  case let text as String where field == "pc":
    return "0x" + String(repeating: "0", count: max(0, 18 - text.count)) + text.dropFirst(2)
  case let text as String where field == "root":
    return "0x" + String(repeating: "0", count: max(0, 18 - text.count)) + text.dropFirst(2)
  case let text as String: return text
  case let number as NSNumber: return number.stringValue
  case let list as [Any]:
    return list.isEmpty
      ? "-" : list.map { truthSpelling($0, field: "element") }.joined(separator: ",")
  case let object as [String: Any]:
    if object["certainty"] != nil { return truthSpelling(object["value"], field: field) }
    let kind = object["kind"] as? String ?? "?"
    let id = object["id"] as? String ?? "?"
    return field == "blocked_on" || field == "object" ? "\(kind):\(id)" : id
  default: return "?"
  }
}
