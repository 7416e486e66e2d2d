import Symbols
import Synchronization

/// Knows what values of some types mean.
///
/// It goes by the type's name, structure and fields, never by a compiler's version. A type that has
/// its name but not its structure is `layoutUnknown`.
public protocol ValueFormatter: Sendable {
  /// Qualified names before generic arguments (`alloc::vec::Vec`); empty: it is asked about every
  /// type that nobody else claims.
  var heads: [String] { get }
  /// nil: not one of its own.
  func view(of value: Value) throws(ValueError) -> ValueView?
}

/// All formatters, by the types they claim.
public final class FormatterRegistry: Sendable {
  /// What values consult. Filled once, when the program starts.
  public static let shared = FormatterRegistry()

  private struct Content {
    var byHead: [Substring: [any ValueFormatter]] = [:]
    var general: [any ValueFormatter] = []
    var noise: [String] = []
  }

  private let content = Mutex(Content())

  public init() {}

  public func register(_ formatter: any ValueFormatter) {
    content.withLock { content in
      for head in formatter.heads { content.byHead[Substring(head), default: []].append(formatter) }
      if formatter.heads.isEmpty { content.general.append(formatter) }
    }
  }

  /// Types that tell a reader nothing: left out as generic arguments and as fields without a size.
  public func registerNoise(_ heads: [String]) {
    content.withLock { content in
      for head in heads where !content.noise.contains(head) { content.noise.append(head) }
    }
  }

  func isNoise(_ type: Type) -> Bool {
    let head = type.head
    return content.withLock { $0.noise.contains { $0 == head } }
  }

  var noise: [String] { content.withLock { $0.noise } }

  /// What the value means, by the first formatter that knows it, or nil.
  func view(of value: Value) throws(ValueError) -> ValueView? {
    let head = try value.bareType().head
    let candidates = content.withLock { ($0.byHead[head] ?? []) + $0.general }
    for formatter in candidates {
      if let view = try formatter.view(of: value) { return view }
    }
    return nil
  }
}
