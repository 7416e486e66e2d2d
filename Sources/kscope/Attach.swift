import ArgumentParser
import Machine
import RemoteProtocol

/// `kscope attach TARGET`
struct Attach: ParsableCommand, Job {
  static let configuration = CommandConfiguration(
    abstract: "Look into a live target behind a GDB stub.",
    discussion: """
      TARGET is one of
        host:port, :port, [::1]:port   TCP
        unix:PATH                      a Unix socket
        serial:DEVICE[@BAUD][,OPTION]  a serial line or pseudo-terminal; options are a frame (8n1), \
      none, even, odd, mark, space, rtscts, xonxoff, and interrupt=ctrl-c, break or sysrq-g; \
      115200,8n1 unless said otherwise
        exec:COMMAND                   a command that talks through its input and output
        pty:COMMAND                    the same, on a pseudo-terminal
        transcript:FILE                a session that --record wrote down
        core:FILE                      a crash dump, as `kscope open` takes it
      """)

  @Argument(
    help:
      "Where the stub is: host:port, unix:PATH, serial:DEVICE, exec:COMMAND, transcript:FILE...",
    completion: .custom { _, _, _ in
      [":1234", "unix:", "serial:/dev/ttyUSB0@115200", "exec:", "pty:", "transcript:", "core:"]
    })
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
