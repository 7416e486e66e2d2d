public import Expressions

/// What kscope knows of Rust's standard library, as entries of the registry.
public enum RustFormatters {
  /// Makes values of Rust programs readable. Called once, when the program starts.
  public static func registerAll(in registry: FormatterRegistry = .shared) {
    registry.registerNoise(["alloc::alloc::Global", "core::marker::PhantomData"])
    for formatter in all { registry.register(formatter) }
  }

  /// One line for each; those without heads come last and are asked in this order.
  private static let all: [any ValueFormatter] = [
    VecFormatter(),
    VecDequeFormatter(),
    LinkedListFormatter(),
    BTreeMapFormatter(),
    BTreeSetFormatter(),
    HashMapFormatter(),
    HashSetFormatter(),
    StringFormatter(),
    SharedPointerFormatter(),
    WeakPointerFormatter(),
    RefCellFormatter(),
    AtomicFormatter(),
    OnlyFieldFormatter(),
    MaybeUninitFormatter(),
    NonZeroFormatter(),
    OptionFormatter(),
    DurationFormatter(),
    BoxFormatter(),
    FatPointerFormatter(),
    ReferenceFormatter(),
    OnceFormatter(),
    LockFormatter(),
  ]
}
