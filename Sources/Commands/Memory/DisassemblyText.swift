import Binary
import Debugger
import Machine

/// Instructions with their addresses, places in functions and jump targets.
enum DisassemblyText {
  /// `count` instructions, or as many as can be read; and the address after the last.
  static func report(
    from start: Address, count: Int, in space: AddressSpace, _ context: CommandContext
  ) throws(CommandError) -> (Report, Address) {
    let (bytes, problem) = ExamineCommand.read(start, count: count * 4, in: space, context)
    if bytes.count < 4, let problem { throw problem }
    let instructions: [Instruction]
    do {
      instructions = try Disassembler(context.session.architecture)
        .instructions(in: bytes, at: start)
    } catch { throw CommandError(error) }
    let pc = (try? context.session.frame())?.pc
    var report = Report()
    var data: [JSON] = []
    for instruction in instructions {
      report.add(line(instruction, isCurrent: instruction.address == pc, in: space, context))
      data.append(json(instruction))
    }
    if let problem { report.warnings.append(problem.message) }
    report.data = ["instructions": .array(data)]
    let end = instructions.last.map { $0.address + UInt64($0.bytes.count) } ?? start
    return (report, end)
  }

  private static func line(
    _ instruction: Instruction, isCurrent: Bool, in space: AddressSpace, _ context: CommandContext
  ) -> Line {
    let place = context.session.describe(instruction.address, in: space)
    var spans = [Span(isCurrent ? "=> " : "   "), Span(instruction.address.description, .dim)]
    if place.function != nil { spans.append(Span(" <+\(place.offset)>", .dim)) }
    let operands = instruction.operands
    let mnemonic = instruction.mnemonic
    spans.append(Span(":  " + (operands.isEmpty ? mnemonic : mnemonic.padded(to: 8) + operands)))
    if let target = instruction.target {
      let destination = context.session.describe(target, in: space)
      if let function = destination.function {
        let offset = destination.offset == 0 ? "" : "+\(destination.offset)"
        spans.append(Span("  <\(function)\(offset)>", .name))
      }
    }
    return Line(spans)
  }

  private static func json(_ instruction: Instruction) -> JSON {
    [
      "address": .hex(instruction.address.rawValue),
      "bytes": .string(String(decoding: Hex.encode(instruction.bytes), as: UTF8.self)),
      "mnemonic": .string(instruction.mnemonic), "operands": .string(instruction.operands),
      "target": instruction.target.map { .hex($0.rawValue) } ?? .null,
    ]
  }
}

/// A function's code.
struct DisassembleCommand: Command {
  let name = "disassemble"
  let aliases = ["disas", "dis"]
  let summary = "the instructions of a function"
  let group = CommandGroup.memory
  let usage = ["disassemble [FUNCTION | ADDRESS]"]
  let details = ["'=>' marks where the selected frame stands."]
  let takesExpression = true
  let arguments = ArgumentKind.symbols

  static let greatestByteCount: UInt64 = 256 << 10

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    let session = context.session
    var space = AddressSpace.kernel
    let address: Address
    do {
      if arguments.isEmpty {
        let frame = try session.frame()
        (address, space) = (frame.lookupAddress, frame.space)
      } else {
        space = (try? session.selection().space) ?? .kernel
        address = try session.evaluateAddress(arguments.raw)
      }
    } catch { throw CommandError(error) }
    guard let loaded = session.image(at: address, in: space) else {
      throw CommandError(
        "no image is known at \(address)", hint: "'x/20i \(address)' shows what is in memory")
    }
    let fileAddress = loaded.fileAddress(of: address)
    let function = try? loaded.image.function(containing: fileAddress)
    guard let function, let range = function.ranges.first(where: { $0.contains(fileAddress) })
    else {
      throw CommandError(
        "no function is known at \(address)", hint: "'x/20i \(address)' shows what is in memory")
    }
    let byteCount = min(
      range.upperBound.rawValue &- range.lowerBound.rawValue, Self.greatestByteCount)
    var (report, _) = try DisassemblyText.report(
      from: loaded.address(of: range.lowerBound), count: Int(byteCount / 4), in: space, context)
    report.title = function.qualifiedName
    return report
  }
}
