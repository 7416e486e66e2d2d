import Binary

/// Assembles ELF cores, right ones and wrong ones.
struct CoreBuilder {
  struct Load {
    var virtual: UInt64
    var physical: UInt64
    /// In the file.
    var bytes: [UInt8]
    /// `p_memsz`, `p_filesz` and `p_offset` where they shall not be what is right.
    var memoryByteCount: UInt64?
    var fileByteCount: UInt64?
    var offset: UInt64?

    init(_ address: UInt64, _ bytes: [UInt8]) {
      virtual = address
      physical = address
      self.bytes = bytes
    }
  }

  var type: UInt16 = 4
  var machine: UInt16 = 183
  var loads: [Load] = []
  var notes: [UInt8] = []
  /// `p_filesz` of the notes where it shall not be what is right.
  var noteByteCount: UInt64?

  mutating func addNote(
    _ name: String, type: UInt32, _ contents: [UInt8], byteCount: UInt32? = nil
  ) {
    let name = Array(name.utf8) + [0]
    notes += Self.bytes(UInt32(name.count)) + Self.bytes(byteCount ?? UInt32(contents.count))
    notes += Self.bytes(type) + Self.padded(name) + Self.padded(contents)
  }

  /// An `NT_PRSTATUS` note with x0, x1, ... = first, first + 1, ...
  mutating func addCPU(_ first: UInt64, byteCount: Int = 392) {
    var status = [UInt8](repeating: 0, count: 112)
    for index in 0..<34 {
      status += Self.bytes(first == 0 ? 0 : first + UInt64(index))
    }
    status += [UInt8](repeating: 0, count: 8)
    addNote("CORE", type: 1, Array(status.prefix(byteCount)))
  }

  var bytes: [UInt8] {
    let count = loads.count + 1
    var position = UInt64(64 + 56 * count)
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += Self.bytes(type) + Self.bytes(machine) + Self.bytes(UInt32(1))
    file += Self.bytes(UInt64(0)) + Self.bytes(UInt64(64)) + Self.bytes(UInt64(0))
    file += Self.bytes(UInt32(0)) + Self.bytes(UInt16(64)) + Self.bytes(UInt16(56))
    file += Self.bytes(UInt16(count)) + Self.bytes(UInt16(64)) + Self.bytes(UInt32(0))
    file += Self.segment(
      4, position, 0, 0, noteByteCount ?? UInt64(notes.count), UInt64(notes.count))
    position += UInt64(notes.count)
    for load in loads {
      let size = UInt64(load.bytes.count)
      file += Self.segment(
        1, load.offset ?? position, load.virtual, load.physical, load.fileByteCount ?? size,
        load.memoryByteCount ?? size)
      position += size
    }
    return file + notes + loads.flatMap(\.bytes)
  }

  private static func segment(
    _ type: UInt32, _ offset: UInt64, _ virtual: UInt64, _ physical: UInt64, _ file: UInt64,
    _ memory: UInt64
  ) -> [UInt8] {
    bytes(type) + bytes(UInt32(7)) + bytes(offset) + bytes(virtual) + bytes(physical)
      + bytes(file) + bytes(memory) + bytes(UInt64(0))
  }

  private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}
