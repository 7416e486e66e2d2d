/// The moment that cached reads belong to; everything cached under an older one is forgotten.
///
/// A session has one and moves it on whenever the target may have changed.
public final class CacheGeneration {
  public private(set) var number = 0
  public init() {}
  public func advance() { number += 1 }
}
