/// `p1.2`, or `2` from a stub without processes; in hex (GDB manual, "Packets", thread-id).
struct ThreadID: Hashable, Comparable, CustomStringConvertible {
  let process: UInt64?
  let thread: UInt64

  init(process: UInt64?, thread: UInt64) {
    self.process = process
    self.thread = thread
  }

  /// nil for anything but one certain thread (`-1` and `0` mean all and any).
  init?(parsing bytes: some Collection<UInt8>) {
    guard bytes.first == UInt8(ascii: "p") else {
      guard let thread = hexNumber(bytes), thread > 0 else { return nil }
      self.init(process: nil, thread: thread)
      return
    }
    let parts = bytes.dropFirst().split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 2, let process = hexNumber(parts[0]), let thread = hexNumber(parts[1]),
      process > 0, thread > 0
    else { return nil }
    self.init(process: process, thread: thread)
  }

  static func < (a: Self, b: Self) -> Bool {
    (a.process ?? 0, a.thread) < (b.process ?? 0, b.thread)
  }

  /// As a packet has it.
  var description: String {
    let id = String(thread, radix: 16)
    guard let process else { return id }
    return "p" + String(process, radix: 16) + "." + id
  }
}
