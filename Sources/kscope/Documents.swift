import ArgumentParser
import Commands

/// `kscope schemas`: prints the documentation of the JSON output, made from the kernel model.
struct Schemas: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the JSON schemas.", shouldDisplay: false)

  func run() { StandardOutput().write(JSONSchemas.document) }
}

/// `kscope command-reference`: prints the command reference, made from the table of commands.
struct CommandReference: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the command reference.", shouldDisplay: false)

  func run() { StandardOutput().write(ReferenceText.document(.standard)) }
}
