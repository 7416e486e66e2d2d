import Binary
import Debugger
import Machine

/// Writes a range of memory into a file.
struct MemorySaveCommand: Command {
  let name = "memory save"
  let summary = "a range of memory into a file, byte for byte"
  let group = CommandGroup.memory
  let usage = ["memory save FILE ADDRESS COUNT", "memory save --physical FILE ADDRESS COUNT"]
  let details = [
    "COUNT is in bytes. ADDRESS and COUNT are one word each; ADDRESS may be an expression.",
    "Nothing is filled in: where memory cannot be read the file ends, and the command fails.",
  ]
  let arguments = ArgumentKind.symbols

  /// Read and written at once.
  static let pieceByteCount: UInt64 = 1 << 20

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    var words = arguments.words
    let isPhysical = words.contains("--physical")
    words.removeAll { $0 == "--physical" }
    guard words.count == 3 else { throw .usage("memory save: expected FILE ADDRESS COUNT") }
    guard let count = NumberText.unsigned(words[2]), count > 0 else {
      throw .usage("memory save: bad count '\(words[2])'")
    }
    let start: UInt64
    if let number = NumberText.unsigned(words[1]) {
      start = number
    } else {
      start = try Evaluation(context).number(words[1])
    }
    let read = isPhysical ? try Self.physical(context) : Self.virtual(context)
    var done: UInt64 = 0
    while done < count {
      if Interrupt.shared.isRequested { throw CommandError("interrupted", kind: .interrupted) }
      let length = Int(min(Self.pieceByteCount, count - done))
      let bytes: [UInt8]
      do throws(MemoryError) { bytes = try read(start &+ done, length) } catch {
        throw CommandError(
          "\(error); the first \(done) bytes are in \(words[0])",
          kind: error.reason == .interrupted ? .interrupted : .failed)
      }
      do throws(SystemError) {
        try OutputFile.write(bytes, to: words[0], appending: done > 0)
      } catch { throw CommandError("\(error)") }
      done += UInt64(length)
    }
    var report = Report()
    report.add(Line("\(count) bytes from \(start.hex()) saved in \(words[0])"))
    report.data = ["file": .string(words[0]), "address": .hex(start), "bytes": .number(count)]
    return report
  }

  private typealias Reading = (UInt64, Int) throws(MemoryError) -> [UInt8]

  private static func physical(_ context: CommandContext) throws(CommandError) -> Reading {
    guard let memory = context.session.physical else {
      throw CommandError("\(context.session.target.summary) gives no physical memory")
    }
    return { (address, count) throws(MemoryError) in
      try memory.read(PhysicalAddress(address), count: count)
    }
  }

  private static func virtual(_ context: CommandContext) -> Reading {
    let memory = context.session.memory(in: (try? context.selection().space) ?? .kernel)
    return { (address, count) throws(MemoryError) in
      try memory.read(Address(address), count: count)
    }
  }
}
