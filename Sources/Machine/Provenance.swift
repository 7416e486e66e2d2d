/// Where bytes that are shown come from.
public enum Provenance: Sendable, Equatable, CustomStringConvertible {
  /// The target was asked, at this stop.
  case live
  /// Read out of the emulator's own memory.
  case direct
  /// Kept since the target was asked, at this stop: it has not run since.
  case cached(stop: Int?)
  /// A crash dump.
  case dump
  /// The file of an image, not the target.
  case file(String)

  public var description: String {
    switch self {
    case .live: "live"
    case .direct: "live, direct"
    case .cached(let stop?): "cached at stop \(stop)"
    case .cached(nil): "cached"
    case .dump: "dump"
    case .file(let path): "file \(path)"
    }
  }
}
