import Binary

/// Formats of dumps that are known by name only.
enum DumpFormat: String, CaseIterable {
  case flattened = "a flattened dump of makedumpfile or QEMU"
  case kdump = "a kdump-compressed dump"
  case diskdump = "a diskdump"
  case lkcd = "an LKCD dump"
  case windows = "a Windows dump"
  case gzip = "a gzip file"
  case zstd = "a zstd file"
  case xz = "an xz file"
  case qemuSnapshot = "a QEMU migration stream"
  case qcow2 = "a qcow2 disk image"

  /// What a file of the format begins with.
  private var signature: [UInt8] {
    switch self {
    case .flattened: Array("makedumpfile".utf8)
    case .kdump: Array("KDUMP   ".utf8)
    case .diskdump: Array("DISKDUMP".utf8)
    case .lkcd: [0xed, 0x23, 0x8f, 0x61, 0x73, 0x01, 0x19, 0xa8]
    case .windows: Array("PAGEDU".utf8)
    case .gzip: [0x1f, 0x8b]
    case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
    case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a]
    case .qemuSnapshot: Array("QEVM".utf8)
    case .qcow2: [0x51, 0x46, 0x49, 0xfb]
    }
  }

  /// nil: none of these.
  init?(_ bytes: Bytes) {
    guard let format = Self.allCases.first(where: { bytes.starts(with: $0.signature) }) else {
      return nil
    }
    self = format
  }
}
