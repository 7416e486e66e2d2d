import ArgumentParser
import Commands
import RemoteProtocol
import Synchronization

/// What all subcommands that look at a target have in common.
struct SessionOptions: ParsableArguments {
  @Option(
    name: [.customShort("k"), .customLong("image")],
    help: ArgumentHelp(
      "An ELF file that the target runs; SPACE is 'kernel' or a space's id. Repeatable.",
      valueName: "image[@space]"))
  var images: [String] = []

  @Option(help: ArgumentHelp("The kernel plugin, by name or path.", valueName: "name"))
  var plugin: String?

  @Option(
    name: [.customShort("e"), .customLong("execute")],
    help: ArgumentHelp(
      "A command to run first. Repeatable, in order with -x.", valueName: "command"),
    transform: { ScriptPart(.command($0)) })
  var commands: [ScriptPart] = []

  @Option(
    name: [.customShort("x"), .customLong("script")],
    help: ArgumentHelp("A file of commands to run first. Repeatable.", valueName: "file"),
    transform: { ScriptPart(.file($0)) })
  var scripts: [ScriptPart] = []

  @Flag(help: "End after -e and -x, at the first command that fails.")
  var batch = false

  @Flag(help: "In batch mode, go on after a command that failed.")
  var keepGoing = false

  @Flag(help: "Answer every command with one line of JSON.")
  var json = false

  @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
  var color: ColorOption = .auto

  @Option(help: ArgumentHelp("Log to stderr: rsp.", valueName: "topics"))
  var log: String?

  @Option(help: ArgumentHelp("Log into a file instead.", valueName: "file"))
  var logFile: String?

  @Option(
    help: ArgumentHelp(
      "Write everything that goes over the line to a transcript; see transcript:FILE.",
      valueName: "file"))
  var record: String?

  /// Makes the line a bad one: for `scripts/line-faults`.
  @Option(help: .hidden, transform: Self.faultPlan)
  var lineFaults: FaultPlan?

  @Flag(
    name: .customLong("no-direct-memory"),
    help: "Read the RAM of a QEMU on this machine by packets only.")
  var noDirectMemory = false

  @Flag(name: .customLong("no-init"), help: "Do not read the init file.")
  var noInit = false

  /// -e and -x in the order in which they stand.
  var script: [ScriptPart] { (commands + scripts).sorted { $0.order < $1.order } }

  private static func faultPlan(_ text: String) throws -> FaultPlan {
    guard let plan = FaultPlan(parsing: text) else {
      throw ValidationError("--line-faults takes NAME=CHANCE,..., as in flip=0.001,seed=7")
    }
    return plan
  }

  func validate() throws {
    for topic in (log ?? "").split(separator: ",") where topic != "rsp" {
      throw ValidationError("unknown log topic '\(topic)' (there is: rsp)")
    }
    for image in images where image.isEmpty { throw ValidationError("-k needs a file") }
  }
}

/// One -e or -x; the order of different options is kept by counting.
struct ScriptPart: Sendable {
  enum Content: Sendable, Equatable {
    case command(String)
    case file(String)
  }

  private static let counter = Atomic<Int>(0)

  let content: Content
  let order: Int

  init(_ content: Content) {
    self.content = content
    self.order = Self.counter.add(1, ordering: .relaxed).newValue
  }
}

/// `--color`.
enum ColorOption: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  var choice: Terminal.ColorChoice {
    switch self {
    case .auto: .auto
    case .always: .always
    case .never: .never
    }
  }
}
