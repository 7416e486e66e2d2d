import Binary
import Machine
import Unwinder

/// Registers of the selected frame.
struct InfoRegistersCommand: Command {
  let name = "info registers"
  let aliases = ["regs"]
  let summary = "registers of the selected frame"
  let group = CommandGroup.stack
  let usage = ["info registers [NAME... | all]"]
  let details = [
    "'all' adds the system registers of the selected CPU.",
    "A register that the frame did not save is shown as unavailable.",
  ]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    let frame: Frame
    do { frame = try context.session.frame() } catch { throw CommandError(error) }
    let architecture = context.session.architecture
    var report = Report()
    var values: [JSON.Member] = []
    for register in try registers(arguments, context) {
      let isGeneral = architecture.registers.contains { $0.name == register.name }
      let value = isGeneral ? frame.registers[register.name] : system(register.name, context)
      report.add(Self.line(register, value, frame, context))
      values.append(.init(register.name, value.map { .hex($0) } ?? .null))
    }
    report.data = [
      "registers": .object(values),
      "source": .string(context.session.registerProvenance.description),
    ]
    return report
  }

  private func registers(
    _ arguments: Arguments, _ context: CommandContext
  ) throws(CommandError) -> [Register] {
    let general = context.session.architecture.registers
    let known = context.session.target.registerDescriptions
    if arguments.isEmpty { return general }
    let others = known.filter { register in !general.contains { $0.name == register.name } }
    if arguments.words == ["all"] { return general + others.filter { $0.byteCount <= 8 } }
    var chosen: [Register] = []
    for word in arguments.words {
      let name = (word.hasPrefix("$") ? String(word.dropFirst()) : word).lowercased()
      guard let register = (general + others).first(where: { $0.name == name }) else {
        let guess = Spelling.nearest(to: name, among: (general + others).map(\.name))
        throw .usage(
          "there is no register '\(word)'", hint: guess.map { "did you mean '\($0)'?" })
      }
      chosen.append(register)
    }
    return chosen
  }

  private func system(_ name: String, _ context: CommandContext) -> UInt64? {
    (try? context.session.target.register(name, of: context.session.selectedCPU)) ?? nil
  }

  private static func line(
    _ register: Register, _ value: UInt64?, _ frame: Frame, _ context: CommandContext
  ) -> Line {
    let label = Span(register.name.padded(to: 16), .name)
    guard let value else { return Line([label, Span("<unavailable>", .bad)]) }
    var spans = [label, Span(value.hex(width: register.byteCount * 2))]
    let architecture = context.session.architecture
    let isCode = [architecture.programCounter, architecture.linkRegister].contains(register.name)
    if isCode {
      let place = context.session.describe(Address(value), in: frame.space)
      if place.function != nil { spans.append(Span("  " + FrameText.location(place), .dim)) }
    } else if value < 0x10000 {
      spans.append(Span("  \(value)", .dim))
    }
    return Line(spans)
  }
}
