import Glibc

/// What `/proc` tells of other processes; everything is nil or empty where it does not.
public enum ProcessList {
  /// The program's name, at most 15 bytes of it: `qemu-system-aar`.
  public static func name(ofProcess id: Int32) -> String? {
    guard let bytes = contents(of: "/proc/\(id)/comm") else { return nil }
    return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
  }

  /// The process at the other end of a TCP connection within this machine.
  public static func owner(ofPort port: UInt16, connectedTo other: UInt16) -> Int32? {
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
      guard let text = contents(of: table) else { continue }
      if let inode = inode(in: String(decoding: text, as: UTF8.self), port, other) {
        return process(holding: "socket:[\(inode)]")
      }
    }
    return nil
  }

  /// The socket of an established connection from one local port to the other, from a table as
  /// proc(5) describes it: `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode`.
  static func inode(in table: String, _ port: UInt16, _ other: UInt16) -> String? {
    for line in table.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      guard fields.count > 9, fields[3] == "01", Self.port(fields[1]) == port,
        Self.port(fields[2]) == other
      else { continue }
      return String(fields[9])
    }
    return nil
  }

  /// `0100007F:04D2`
  private static func port(_ address: Substring) -> UInt16? {
    address.split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
  }

  private static func process(holding link: String) -> Int32? {
    for id in entries(of: "/proc").compactMap({ Int32($0) }) {
      let folder = "/proc/\(id)/fd"
      if entries(of: folder).contains(where: { Self.link("\(folder)/\($0)") == link }) { return id }
    }
    return nil
  }

  private static func entries(of folder: String) -> [String] {
    // SAFETY: the path is passed as a temporary C string; the stream is closed below.
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    // SAFETY: an entry is valid until the next readdir; its name is copied at once.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func link(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 256)
    // SAFETY: readlink writes at most 256 bytes into the buffer of 256.
    let count = unsafe readlink(path, &buffer, 256)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A file whose size is not known before it is read; at most 16 MiB.
  private static func contents(of path: String) -> [UInt8]? {
    // SAFETY: the path is passed as a temporary C string.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while all.count < 16 << 20 {
      // SAFETY: at most 65,536 bytes are written into the chunk of that size.
      let count = unsafe Glibc.read(descriptor, &chunk, 65_536)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      all += chunk[..<count]
    }
    return all
  }
}
