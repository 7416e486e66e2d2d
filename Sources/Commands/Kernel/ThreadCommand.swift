import Debugger
import KernelModel

/// Selects a kernel thread and shows it in full.
struct ThreadCommand: Command {
  let name = "thread"
  let aliases = ["t"]
  let summary = "select a kernel thread and show it in full"
  let group = CommandGroup.kernel
  var arguments: ArgumentKind { .ids(.thread) }
  let usage = ["thread ID", "thread"]
  let details = [
    "'bt', 'info registers' and expressions then look at that thread.",
    "Without an ID, shows the selected thread.",
  ]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard arguments.words.count <= 1 else { throw .usage("thread: expected one id") }
    guard let id = arguments.words.first else { return try selected(context) }
    let detail = DetailCommand(name: name, kind: .thread, summary: summary)
    var report = try detail.run(arguments, context)
    do {
      context.session.select(try ThreadSelection.selection(of: id, context))
    } catch {
      report.warnings.append("thread \(id) is not selected: \(error.message)")
    }
    return report
  }

  private func selected(_ context: CommandContext) throws(CommandError) -> Report {
    let selection = try context.selection()
    switch selection.subject {
    case .thread(let id): return try run(Arguments(id), context)
    case .cpu(let cpu):
      return Report(
        blocks: [.line("CPU \(cpu) is selected, no thread")],
        data: ["selected": ["kind": "cpu", "id": .string(String(cpu))]])
    }
  }
}

/// What has to be looked at to see a kernel thread: the CPU it runs on, or its saved registers.
enum ThreadSelection {
  static func selection(
    of id: String, _ context: CommandContext
  ) throws(CommandError) -> Selection {
    let kernel = try context.requireKernel()
    do {
      switch try kernel.context(ofThread: id) {
      case .onCPU(let cpu): return try context.session.selection(ofCPU: cpu)
      case .saved(let saved): return try self.saved(id, saved, context)
      case .unavailable(let reason):
        throw CommandError("the registers of thread \(id) are not available: \(reason)")
      }
    } catch let error as KernelError {
      throw CommandError(error)
    } catch let error as SessionError {
      throw CommandError(error)
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError("\(error)")
    }
  }

  private static func saved(
    _ id: String, _ saved: SavedContext, _ context: CommandContext
  ) throws(CommandError) -> Selection {
    guard let space = saved.space else {
      return Selection(subject: .thread(id), registers: saved.registers, space: .kernel)
    }
    guard let root = context.session.knowledge?.root(ofSpace: space) else {
      throw CommandError(
        "the page tables of space \(space), which thread \(id) is in, are not known")
    }
    return Selection(
      subject: .thread(id), registers: saved.registers, space: .user(root: root))
  }
}
