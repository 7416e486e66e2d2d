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
    if place.image != nil {
      return Report(
        blocks: [.line(Line(FrameText.spans(place)))], data: ["place": FrameText.json(place)])
    }
    return try elsewhere(address, context)
  }

  /// Images that are not in the selected space, but have the address in theirs.
  private func elsewhere(
    _ address: Address, _ context: CommandContext
  ) throws(CommandError) -> Report {
    let places = context.session.candidates(at: address).map {
      context.session.describe(address, in: $0)
    }
    guard let first = places.first else {
      throw CommandError(
        "\(address) is in no image", hint: "'info images' lists what is known")
    }
    var report = Report()
    for place in places { report.add(Line(FrameText.spans(place))) }
    report.notes = ["not in the selected space: select a thread or CPU that is in the image's"]
    report.data = [
      "place": FrameText.json(first), "elsewhere": .array(places.map(FrameText.json)),
    ]
    return report
  }
}
