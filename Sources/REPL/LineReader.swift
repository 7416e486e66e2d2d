import Binary
import Machine

/// Lines of a file or pipe, without any editing.
public struct LineReader {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  public init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The next line without its end; nil at the end of input or when the user interrupts.
  public mutating func next() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0a) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      if isAtEnd {
        defer { buffer = [] }
        return buffer.isEmpty ? nil : String(decoding: buffer, as: UTF8.self)
      }
      if Interrupt.shared.isRequested { return nil }
      let isReady = StandardStreams.waitForInput(
        descriptor, orWake: Interrupt.shared.descriptor, milliseconds: -1)
      guard isReady else { continue }
      let bytes = StandardStreams.read(descriptor, count: 4096)
      isAtEnd = bytes.isEmpty
      buffer += bytes
    }
  }
}
