public import Binary

/// A note (gABI, "Note Section"); told apart by name and type together.
public struct ELFNote: Sendable {
  /// Without its terminating NUL: `GNU`, `CORE`, `LINUX`.
  public let name: String
  public let type: UInt32
  public let contents: Bytes
}

/// The notes of one segment or section, up to the first that is malformed.
public struct ELFNotes: Sendable {
  public private(set) var notes: [ELFNote] = []
  /// Why reading stopped early, or nil.
  public private(set) var problem: ELFError?

  /// Reads `bytes`, which begin at `offset` in the file. `alignment` is 8 where the segment says
  /// so, else 4.
  init(reading bytes: Bytes, at offset: UInt64, alignment: UInt64, endianness: Endianness) {
    var reader = ByteReader(bytes, endianness: endianness)
    let step: UInt64 = alignment == 8 ? 8 : 4
    while reader.remaining >= 12 {
      let start = reader.position
      do {
        notes.append(try Self.note(from: &reader, step: step))
      } catch {
        problem = ELFError(at: offset &+ UInt64(start), .noteOverrun)
        return
      }
    }
  }

  private static func note(
    from reader: inout ByteReader, step: UInt64
  ) throws(ByteReaderError) -> ELFNote {
    let nameByteCount = UInt64(try reader.u32())
    let byteCount = UInt64(try reader.u32())
    let type = try reader.u32()
    let name = try reader.bytes(nameByteCount)
    reader.skipPadding(to: step)
    let contents = try reader.bytes(byteCount)
    reader.skipPadding(to: step)
    let end = name.firstIndex(of: 0) ?? name.count
    return ELFNote(name: String(name[0..<end]), type: type, contents: contents)
  }
}

extension ByteReader {
  /// Moves to the next multiple of `step`, or to the end: the last note may lack its padding.
  fileprivate mutating func skipPadding(to step: UInt64) {
    let padding = (0 &- UInt64(position)) & (step - 1)
    if (try? skip(padding)) == nil { try? skip(UInt64(remaining)) }
  }
}
