import Binary
import Commands
import Debugger
import Expressions
import KernelModel
import LuaPlugins
import Machine
import REPL
import RemoteProtocol
import RustFormatters
import Symbols

/// One use of kscope on one target: wiring, commands, end.
final class Application {
  let options: SessionOptions
  let output = StandardOutput()
  /// Set by `run`: QEMU, which ends with us.
  var guest: Guest?
  var runsToReady = false
  /// The guest has not executed anything yet.
  private var staysAtReset = false
  /// The guest's kernel has said that it can be looked at.
  private var isReady = false

  /// How long a guest may take until its kernel is ready.
  private static let readySeconds = 60.0

  init(_ options: SessionOptions) { self.options = options }

  /// Opens the target, loads images and plugin, runs scripts and prompt, lets the target go.
  func run(_ open: @escaping () throws(StartError) -> any Target) -> ExitStatus {
    defer { guest?.end() }
    do throws(StartError) {
      let images = try openImages()
      let session = Session(target: try open())
      defer { session.close() }
      return try run(session, images, open)
    } catch {
      output.fail(error.message, hint: error.hint)
      return error.status
    }
  }

  private func run(
    _ session: Session, _ images: [(image: Image, space: String?)],
    _ open: @escaping () throws(StartError) -> any Target
  ) throws(StartError) -> ExitStatus {
    for (image, space) in images { session.add(image, space: space) }
    let context = CommandContext(session: session, terminal: terminal())
    context.console = guest?.console
    context.ownsGuest = guest != nil
    // A guest of our own ends with its connection, and a dump does not get lost.
    if guest == nil, session.target.execution != nil {
      context.reopen = { () throws(SessionError) in
        do throws(StartError) { return try open() } catch {
          throw SessionError(error.message, hint: error.hint)
        }
      }
    }
    try loadPlugin(context)
    if guest != nil {
      let hasRun = runsToReady ? try runToReady(context) : false
      staysAtReset = !hasRun
    }
    try proveImages(session)
    if isReady {
      output.error("kscope: \(context.kernel?.name ?? "the kernel") is ready, and stopped\n")
    }
    if let note = session.translationNote { output.error("kscope: \(note)\n") }
    let interpreter = Interpreter(context: context, output: output)
    interpreter.isJSON = options.json
    return Script(options, interpreter, output).run()
  }

  func terminal() -> Terminal {
    let names = ["NO_COLOR", "CLICOLOR_FORCE", "TERM"]
    var environment: [String: String] = [:]
    for name in names { environment[name] = StandardStreams.environment(name) }
    return Terminal(
      choice: options.color.choice, isTerminal: StandardStreams.isTerminal(StandardStreams.output),
      width: StandardStreams.columns(StandardStreams.output), environment: environment)
  }

  // MARK: Images

  /// `FILE` or `FILE@SPACE`; a file whose name has an `@` wins over a space.
  private func openImages() throws(StartError) -> [(image: Image, space: String?)] {
    RustFormatters.registerAll(in: .shared)
    var images: [(image: Image, space: String?)] = []
    for text in options.images {
      var path = text
      var space: String?
      if !OutputFile.exists(text), let mark = text.lastIndex(of: "@") {
        path = String(text[..<mark])
        space = String(text[text.index(after: mark)...])
      }
      do {
        let image = try Image(path: path)
        if !image.hasDebugInformation {
          output.warn("\(path) has no debugging information: only symbols are known")
        }
        images.append((image, space))
      } catch {
        throw StartError(
          .failure, error.description,
          hint: error.hint ?? "-k takes an ELF file that the target runs")
      }
    }
    return images
  }

  private func proveImages(_ session: Session) throws(StartError) {
    for loaded in session.images {
      // Where user images are is the plugin's knowledge; at reset nothing stands where it will be.
      let isPlaceKnown = session.knowledge != nil || loaded.isBindingExplicit
      guard !staysAtReset, loaded.binding == .kernel || isPlaceKnown else { continue }
      switch session.proof(of: loaded) {
      case .matches: break
      case .differs(let address):
        throw StartError(
          .mismatch, "\(loaded.image.path) is not what the target runs: code at \(address) differs",
          hint: "give the very file that was booted, or -k FILE@SPACE")
      case .unknown(let reason):
        output.warn("\(loaded.image.path) could not be compared with the target: \(reason)")
      }
    }
  }

  // MARK: Kernel

  private func loadPlugin(_ context: CommandContext) throws(StartError) {
    let session = context.session
    do throws(KernelError) {
      if let name = options.plugin {
        let kernel = try PluginLoader().kernel(named: name, for: session)
        context.kernel = kernel
        session.knowledge = kernel
        return
      }
    } catch {
      throw StartError(.failure, error.message, hint: error.hint)
    }
    let detection = PluginLoader().detect(for: session)
    for problem in detection.problems { output.warn("\(problem)") }
    context.kernel = detection.kernel
    session.knowledge = detection.kernel
    if detection.kernel == nil {
      context.kernelProblem = Self.whyUnknown(session)
    }
  }

  private static func whyUnknown(_ session: Session) -> String {
    if session.images.isEmpty { return "no image is loaded, so the kernel is not known" }
    let isStripped = session.images.allSatisfy { !$0.image.hasDebugInformation }
    return isStripped
      ? "no image has debugging information, so the kernel is not known"
      : "no plugin knows this kernel"
  }

  /// Runs a guest that has just been started until its kernel can be looked at. Returns whether it ran.
  private func runToReady(_ context: CommandContext) throws(StartError) -> Bool {
    guard let symbol = context.kernel?.readySymbol else { return false }
    do {
      let (stop, isReached) = try context.session.run(to: symbol, seconds: Self.readySeconds)
      if stop.reason == nil {
        output.warn("the kernel was not ready within 60 s; it is stopped where it is")
      } else if !isReached {
        output.warn("the guest stopped before its kernel was ready")
      } else {
        isReady = true
      }
      return true
    } catch {
      if Interrupt.shared.isRequested { throw StartError(.interrupted, "interrupted") }
      output.warn("the guest stays at its first instruction: \(error.message)")
      return false
    }
  }

  // MARK: Connection

  /// How to attach, by the user's options.
  var connection: RemoteTarget.Options {
    var connection = RemoteTarget.Options()
    connection.log = packetLog
    // How long a stub may be silent before it counts as none.
    connection.firstReplySeconds = 5
    connection.allowsDirectMemory = !options.noDirectMemory
    connection.recordPath = options.record
    connection.recordComments = [CommandLine.arguments.joined(separator: " ")]
    connection.faults = options.lineFaults
    return connection
  }

  /// For `--log rsp`: one line a packet, as `-> m40200000,8`.
  var packetLog: ((PacketDirection, [UInt8]) -> Void)? {
    guard options.log != nil || options.logFile != nil else { return nil }
    let file = options.logFile
    let output = output
    return { direction, payload in
      let mark = direction == .sent ? "-> " : "<- "
      let line = mark + Escaping.line(bytes: payload) + "\n"
      guard let file else { return output.error(line) }
      try? OutputFile.write(Array(line.utf8), to: file, appending: true, mode: 0o600)
    }
  }
}
