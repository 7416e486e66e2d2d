public import Symbols

/// How type names are made short enough to read.
public enum TypeName {
  /// `BTreeMap<usize, Thread>` for
  /// `alloc::collections::btree::map::BTreeMap<usize, bramble::thread::Thread, ...>`: no namespaces,
  /// no generic arguments that the registry calls noise.
  public static func short(_ name: String) -> String {
    var text = name
    for noise in FormatterRegistry.shared.noise {
      text = replacing(", \(noise)>", by: ">", in: text)
      text = replacing(", \(noise),", by: ",", in: text)
    }
    return withoutNamespaces(text)
  }

  /// The name before its generic arguments: `alloc::vec::Vec`.
  public static func head(_ name: String) -> Substring {
    name.prefix { $0 != "<" }
  }

  private static func replacing(_ part: String, by new: String, in text: String) -> String {
    guard text.contains(part) else { return text }
    return text.split(separator: part, omittingEmptySubsequences: false).joined(separator: new)
  }

  private static func withoutNamespaces(_ text: String) -> String {
    var output: [UInt8] = []
    // Where the path that is being read began, one level for each open `<`.
    var starts: [Int] = [0]
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: ":") where previous == byte:
        output.removeSubrange(starts[starts.count - 1]...)
      case UInt8(ascii: "<"):
        output.append(byte)
        starts.append(output.count)
      case UInt8(ascii: ">") where previous != UInt8(ascii: "-"):
        output.append(byte)
        if starts.count > 1 { starts.removeLast() }
      default:
        output.append(byte)
        if isSeparator(byte) { starts[starts.count - 1] = output.count }
      }
      previous = byte
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "&"), UInt8(ascii: "*"),
      UInt8(ascii: ";"), UInt8(ascii: ">"), UInt8(ascii: "'"):
      true
    default: false
    }
  }
}

extension Type {
  /// Its name without namespaces and noise.
  public var shortName: String { TypeName.short(name) }
  /// Its qualified name before generic arguments: `alloc::vec::Vec`.
  public var head: Substring { TypeName.head(qualifiedName) }
}
