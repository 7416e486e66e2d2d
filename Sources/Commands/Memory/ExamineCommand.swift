import Binary
import Debugger
import Machine

/// How and where `x` goes on.
struct Examination: Sendable {
  /// One of GDB's letters, or `i`, `s`.
  var format: Character = "x"
  var unit = 8
  var count = 1
  var next = Address(0)
  var space = AddressSpace.kernel
}

/// Raw memory.
struct ExamineCommand: Command {
  let name = "x"
  let summary = "raw memory as numbers, instructions or strings"
  let group = CommandGroup.memory
  let usage = ["x[/NFU] ADDRESS", "x"]
  let details = [
    "N: how many. F: x d u t o c a, i instructions, s strings. U: b 1, h 2, w 4, g 8 bytes.",
    "Without an address it goes on where it ended.",
  ]
  let takesExpression = true
  let arguments = ArgumentKind.symbols
  var repetition: Repetition? { .onward }

  static let greatestCount = 65536
  static let greatestStringLength = 4096

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    var examination = context.examination ?? Examination()
    try apply(arguments.modifier, to: &examination)
    if !arguments.isEmpty {
      examination.next = Address(try Evaluation(context).number(arguments.raw))
      examination.space = (try? context.selection().space) ?? .kernel
    } else if context.examination == nil {
      throw .usage("x: which address?")
    }
    let report: Report
    switch examination.format {
    case "i": report = try instructions(&examination, context)
    case "s": report = try strings(&examination, context)
    default: report = try numbers(&examination, context)
    }
    context.examination = examination
    return report
  }

  private func apply(_ modifier: String, to examination: inout Examination) throws(CommandError) {
    let digits = modifier.prefix { $0.isASCII && $0.isNumber }
    examination.count = 1
    if !digits.isEmpty {
      guard let count = Int(digits), count > 0, count <= Self.greatestCount else {
        throw .usage("x: the count must be from 1 to \(Self.greatestCount)")
      }
      examination.count = count
    }
    let units: [Character: Int] = ["b": 1, "h": 2, "w": 4, "g": 8]
    for letter in modifier.dropFirst(digits.count) {
      if let unit = units[letter] {
        examination.unit = unit
      } else if letter == "i" || letter == "s" || NumberFormat(rawValue: letter) != nil {
        examination.format = letter
        if letter == "c" { examination.unit = 1 }
        if letter == "a" { examination.unit = 8 }
      } else {
        throw .usage("x: unknown format letter '\(letter)'", hint: details[0])
      }
    }
  }

  private func numbers(
    _ examination: inout Examination, _ context: CommandContext
  ) throws(CommandError) -> Report {
    let format = NumberFormat(rawValue: examination.format) ?? .hexadecimal
    let total = examination.unit * examination.count
    let (bytes, problem) = Self.read(
      examination.next, count: total, in: examination.space, context)
    let perLine = max(1, 16 / examination.unit)
    var report = Report()
    var values: [JSON] = []
    let whole = bytes.count / examination.unit
    for start in stride(from: 0, to: whole, by: perLine) {
      let address = examination.next + UInt64(start * examination.unit)
      var spans = [Span("\(address):", .dim)]
      for index in start..<min(whole, start + perLine) {
        let slice = bytes[(index * examination.unit)...].prefix(examination.unit)
        let number = slice.littleEndianValue
        let bits = examination.unit * 8
        let shown = format == .hexadecimal ? NumberFormat.padded : format
        var text = shown.text(number, bits: bits)
        if format == .address {
          let place = context.session.describe(Address(number), in: examination.space)
          if place.function != nil { text += " <\(FrameText.location(place))>" }
        }
        spans.append(Span("  " + text))
        values.append(.hex(number))
      }
      report.add(Line(spans))
    }
    if let problem {
      if whole == 0 { throw problem }
      report.warnings.append(problem.message)
    }
    report.data = [
      "address": .hex(examination.next.rawValue), "unit": .int(examination.unit),
      "values": .array(values),
    ]
    examination.next = examination.next + UInt64(whole * examination.unit)
    return report
  }

  /// What can be read from `address` on, up to `count` bytes, and why not all of it.
  static func read(
    _ address: Address, count: Int, in space: AddressSpace, _ context: CommandContext
  ) -> ([UInt8], CommandError?) {
    let memory = context.session.memory(in: space)
    var bytes: [UInt8] = []
    while bytes.count < count {
      let place = address + UInt64(bytes.count)
      let toPageEnd = 4096 - Int(place.rawValue & 4095)
      do throws(MemoryError) {
        bytes += try memory.read(place, count: min(count - bytes.count, toPageEnd))
      } catch {
        let kind: CommandError.Kind = error.reason == .interrupted ? .interrupted : .failed
        return (bytes, CommandError(error.description, kind: kind))
      }
    }
    return (bytes, nil)
  }

  private func strings(
    _ examination: inout Examination, _ context: CommandContext
  ) throws(CommandError) -> Report {
    var report = Report()
    var texts: [JSON] = []
    for _ in 0..<examination.count {
      var bytes: [UInt8] = []
      var isEnded = false
      while !isEnded, bytes.count < Self.greatestStringLength {
        let place = examination.next + UInt64(bytes.count)
        let toPageEnd = min(4096 - Int(place.rawValue & 4095), 256)
        let (chunk, problem) = Self.read(
          place, count: toPageEnd, in: examination.space, context)
        if let problem {
          if bytes.isEmpty && texts.isEmpty { throw problem }
          report.warnings.append(problem.message)
          break
        }
        isEnded = chunk.contains(0)
        bytes += chunk.prefix { $0 != 0 }
      }
      let text = "\"" + Escaping.line(bytes: bytes) + "\"" + (isEnded ? "" : "...")
      report.add(Line([Span("\(examination.next):  ", .dim), Span(text)]))
      texts.append(.string(String(decoding: bytes, as: UTF8.self)))
      examination.next = examination.next + UInt64(bytes.count + 1)
      if !isEnded { break }
    }
    report.data = ["strings": .array(texts)]
    return report
  }

  private func instructions(
    _ examination: inout Examination, _ context: CommandContext
  ) throws(CommandError) -> Report {
    let (report, end) = try DisassemblyText.report(
      from: examination.next, count: examination.count, in: examination.space, context)
    examination.next = end
    return report
  }
}
