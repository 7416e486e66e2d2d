import ArgumentParser
import Machine

/// `kscope run -- QEMU-COMMAND`
struct Run: ParsableCommand, Job {
  static let configuration = CommandConfiguration(
    abstract: "Start a guest under QEMU and look into it; it ends with kscope.",
    discussion: """
      Adds a private GDB socket, -S, and a log file as the guest's serial port (see the command \
      'console'). The guest runs until its kernel is ready to be looked at; see --at-reset.
      """)

  @Flag(help: "Stay at the first instruction instead of running until the kernel is ready.")
  var atReset = false

  @OptionGroup var options: SessionOptions

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("QEMU and its options.", valueName: "qemu"))
  var qemu: [String] = []

  func validate() throws {
    guard !qemu.isEmpty else {
      throw ValidationError(
        "no QEMU command (as in: kscope run -k kernel.elf -- qemu-system-aarch64 -M virt ...)")
    }
  }

  func perform() -> ExitStatus {
    let application = Application(options)
    application.runsToReady = !atReset
    return application.run { () throws(StartError) -> any Target in
      let guest = try Guest(starting: qemu)
      application.guest = guest
      return try guest.connect(application.connection, application.output)
    }
  }
}
