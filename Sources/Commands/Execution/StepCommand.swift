import Debugger
import Machine

/// Executes single instructions on the selected CPU.
struct StepCommand: Command {
  let name: String
  let isOver: Bool
  let aliases: [String]
  let group = CommandGroup.execution
  var repetition: Repetition? { .same }
  var summary: String {
    isOver ? "one instruction, calls as a whole" : "one instruction on the selected CPU"
  }
  var usage: [String] { ["\(name) [COUNT]"] }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    var count: UInt64 = 1
    if let word = arguments.words.first {
      guard arguments.words.count == 1, let number = NumberText.unsigned(word), number > 0 else {
        throw .usage("\(name): expected a count")
      }
      count = number
    }
    var last: Stop?
    for _ in 0..<count {
      if Interrupt.shared.isRequested { throw CommandError("interrupted", kind: .interrupted) }
      do { last = try context.session.stepInstruction(over: isOver) } catch {
        throw CommandError(error)
      }
      guard last?.reason?.kind == .trap, last?.breakpoints.isEmpty == true else { break }
    }
    guard let last else { return Report() }
    return report(last, context)
  }

  /// The instruction that comes next, or why the step did not end as it should.
  private func report(_ stop: Stop, _ context: CommandContext) -> Report {
    var report = StopText.report(stop, context)
    let isPlain = stop.reason?.kind == .trap && stop.breakpoints.isEmpty
    guard isPlain, let selection = try? context.selection(),
      let pc = selection.registers[context.session.architecture.programCounter],
      let (listing, _) = try? DisassemblyText.report(
        from: Address(pc), count: 1, in: selection.space, context)
    else { return report }
    let data = report.data
    report = listing
    report.data = data
    return report
  }
}
