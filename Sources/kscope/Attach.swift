import ArgumentParser
import Machine
import RemoteProtocol

/// `kscope attach TARGET`
struct Attach: ParsableCommand, Job {
  static let configuration = CommandConfiguration(
    abstract: "Look into a live target behind a GDB stub.")

  @Argument(help: "host:port, :port, unix:PATH or core:FILE")
  var target: String

  @OptionGroup var options: SessionOptions

  func perform() -> ExitStatus {
    let application = Application(options)
    return application.run {
      () throws(StartError) -> any Target in
      if target.hasPrefix("core:") {
        return try Open.open(String(target.dropFirst(5)), application.output)
      }
      return try Self.connect(target, application.connection, application.output)
    }
  }

  static func connect(
    _ text: String, _ connection: RemoteTarget.Options, _ output: StandardOutput
  ) throws(StartError) -> RemoteTarget {
    let address: TargetAddress
    do { address = try TargetAddress(parsing: text) } catch {
      throw StartError(.usage, "\(error)")
    }
    do {
      let target = try RemoteTarget.connect(address, options: connection)
      for warning in target.warnings { output.warn(warning) }
      return target
    } catch {
      let status: ExitStatus = error.kind == .interrupted ? .interrupted : .cannotConnect
      throw StartError(status, error.message, hint: error.hint)
    }
  }
}
