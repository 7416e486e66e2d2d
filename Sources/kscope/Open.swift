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
    let application = Application(options)
    return application.run { () throws(StartError) -> any Target in
      try Self.open(core, application.output)
    }
  }

  static func open(_ path: String, _ output: StandardOutput) throws(StartError) -> CoreTarget {
    do {
      let target = try CoreTarget.open(path)
      for warning in target.warnings { output.warn(warning) }
      return target
    } catch {
      throw StartError(
        .cannotConnect, error.message,
        hint: error.hint ?? "give an ELF core, as QEMU's dump-guest-memory writes it")
    }
  }
}
