import Binary
import Debugger
import KernelModel

/// Selects a CPU and shows it in full.
struct CPUCommand: Command {
  let name = "cpu"
  let summary = "select a CPU and show it in full"
  let group = CommandGroup.kernel
  var arguments: ArgumentKind { .ids(.cpu) }
  let usage = ["cpu N", "cpu"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard arguments.words.count <= 1 else { throw .usage("cpu: expected one number") }
    let number: Int
    if let word = arguments.words.first {
      guard let value = NumberText.unsigned(word), let id = Int(exactly: value) else {
        throw .usage("cpu: '\(word)' is not a number")
      }
      number = id
    } else {
      number = context.session.selectedCPU
    }
    do {
      context.session.select(try context.session.selection(ofCPU: number))
    } catch { throw CommandError(error) }
    if context.kernel != nil, let object = try? context.object(.cpu, String(number)) {
      let detail = DetailCommand(name: name, kind: .cpu, summary: summary)
      return try detail.report(object, context)
    }
    return try plain(number, context)
  }

  /// What the target alone says.
  private func plain(_ number: Int, _ context: CommandContext) throws(CommandError) -> Report {
    let place = try FrameText.place(context)
    return Report(
      title: "cpu \(number)", blocks: [.line(Line(FrameText.spans(place)))],
      data: ["cpu": ["id": .string(String(number)), "pc": .hex(place.address.rawValue)]])
  }
}

/// All CPUs: as the kernel sees them, or, without a kernel, as the target does.
struct CPUsCommand: Command {
  let name = "cpus"
  let summary = "CPUs and what they run"
  let group = CommandGroup.kernel
  let usage = ["cpus [FIELD=VALUE]..."]
  var repetition: Repetition? { .same }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    if context.kernel != nil {
      return try ListCommand(name: name, kind: .cpu, summary: summary).run(arguments, context)
    }
    try arguments.expectNone(for: name)
    var table = Table([
      .init("cpu", .right, expendability: 0), .init("pc", expendability: 0),
      .init("location", isElastic: true), .init("says", isElastic: true),
    ])
    var rows: [JSON] = []
    do {
      for cpu in try context.session.target.cpus() {
        let selection = try context.session.selection(ofCPU: cpu.id)
        let place = FrameText.place(selection, context)
        table.add([
          String(cpu.id), place.address.description, FrameText.location(place), cpu.detail,
        ])
        rows.append([
          "id": .string(String(cpu.id)), "pc": .hex(place.address.rawValue),
          "location": .string(FrameText.location(place)),
        ])
      }
    } catch { throw CommandError("\(error)") }
    return Report(blocks: [.table(table)], data: ["cpus": .array(rows)])
  }
}
