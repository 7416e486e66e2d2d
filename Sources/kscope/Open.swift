import ArgumentParser
import CrashDump
import Machine

/// `kscope open CORE`
struct Open: ParsableCommand, Job {
  static let configuration = CommandConfiguration(abstract: "Look into a crash dump.")

  @Argument(help: "An ELF core, as QEMU's dump-guest-memory writes it.")
  var core: String

  @OptionGroup var options: SessionOptions

  func perform() -> ExitStatus {
    Application(options).run { () throws(StartError) -> any Target in
      throw StartError(.cannotConnect, "\(core): dumps cannot be read yet")
    }
  }
}
