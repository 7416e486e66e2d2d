import Debugger
import Machine

/// What an address belongs to.
struct InfoSymbolCommand: Command {
  let name = "info symbol"
  let aliases = ["sym"]
  let summary = "the function, line and image of an address"
  let group = CommandGroup.stack
  let usage = ["info symbol ADDRESS"]
  let takesExpression = true
  let arguments = ArgumentKind.symbols

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard !arguments.isEmpty else { throw .usage("info symbol: which address?") }
    let address: Address
    let space: AddressSpace
    do {
      address = try context.session.evaluateAddress(arguments.raw)
      space = (try? context.session.selection().space) ?? .kernel
    } catch { throw CommandError(error) }
    let place = context.session.describe(address, in: space)
    guard place.function != nil || place.image != nil else {
      throw CommandError(
        "\(address) is in no image", hint: "'info images' lists what is known")
    }
    return Report(
      blocks: [.line(Line(FrameText.spans(place)))], data: ["place": FrameText.json(place)])
  }
}
