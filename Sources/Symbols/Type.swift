/// A type of the program, as its debugging information describes it; one level deep, the rest by
/// reference.
public final class Type: Sendable {
  /// The name as its author knows it, generic arguments included: `BTreeMap<usize, Thread>`.
  public let name: String
  /// The name with its namespaces: `alloc::collections::btree::map::BTreeMap<usize, ...>`.
  public let qualifiedName: String
  /// nil when unknown: a declaration, `void`, an array without a count.
  public let byteCount: UInt64?
  public let kind: Kind

  public init(name: String, qualifiedName: String? = nil, byteCount: UInt64?, kind: Kind) {
    self.name = name
    self.qualifiedName = qualifiedName ?? name
    self.byteCount = byteCount
    self.kind = kind
  }

  public enum Kind: Sendable {
    case base(Encoding)
    /// A pointer or reference; nil: to `void` or `()`.
    case pointer(TypeReference?)
    case structure(Composite)
    case union(Composite)
    /// An enumeration without data (C, or a Rust enum of unit variants).
    case enumeration(Enumeration)
    /// Dimensions from the outermost; nil: unknown count.
    case array(element: TypeReference, counts: [UInt64?])
    case function
    case alias(TypeReference)
    /// Only declared: nothing is known of its inside.
    case declaration
  }

  /// DWARF 5 §7.8, table 7.11.
  public enum Encoding: Sendable, Equatable {
    case unsigned, signed, boolean, float, character, unit
    case other(UInt8)
  }
}

/// A named or numbered part of a structure.
public struct Member: Sendable {
  /// `__0` for the first field of a tuple, as rustc writes it; nil for an anonymous member.
  public let name: String?
  public let type: TypeReference
  /// Bytes from the start of the structure.
  public let offset: UInt64

  public init(name: String?, type: TypeReference, offset: UInt64) {
    self.name = name
    self.type = type
    self.offset = offset
  }
}

/// The inside of a structure, union or Rust enum.
public struct Composite: Sendable {
  public let members: [Member]
  /// Set for a Rust enum with data (DWARF 5 §5.7.10).
  public let variants: VariantPart?
  /// Generic arguments in order: `("T", i32)`.
  public let arguments: [(name: String, type: TypeReference)]

  public init(
    members: [Member], variants: VariantPart? = nil,
    arguments: [(name: String, type: TypeReference)] = []
  ) {
    self.members = members
    self.variants = variants
    self.arguments = arguments
  }
}

/// The alternatives of a Rust enum.
public struct VariantPart: Sendable {
  /// Where the discriminant is stored, or nil: there is only one variant.
  public let discriminant: Member?
  public let variants: [Variant]

  public init(discriminant: Member?, variants: [Variant]) {
    self.discriminant = discriminant
    self.variants = variants
  }
}

public struct Variant: Sendable {
  /// Discriminant values (as unsigned numbers of the discriminant's size) that select this variant;
  /// nil: the default, for every value that no other variant claims (a niche).
  public let discriminants: [ClosedRange<UInt64>]?
  /// The payload: named after the variant, a structure with the variant's fields.
  public let member: Member

  public init(discriminants: [ClosedRange<UInt64>]?, member: Member) {
    self.discriminants = discriminants
    self.member = member
  }
}

public struct Enumeration: Sendable {
  /// The integer type below, or nil: take the enumeration's size, unsigned.
  public let underlying: TypeReference?
  /// Values in bit patterns of the enumeration's size.
  public let enumerators: [(name: String, value: UInt64)]

  public init(underlying: TypeReference?, enumerators: [(name: String, value: UInt64)]) {
    self.underlying = underlying
    self.enumerators = enumerators
  }
}

/// Gives types by number and by name: an image's debugging information.
public protocol TypeSource: AnyObject, Sendable {
  /// The type with this number (the offset of its DIE in `.debug_info`).
  func type(id: UInt64) throws(SymbolError) -> Type
  /// The type of this qualified name, or nil. Among equal copies any one.
  func type(named qualifiedName: String) throws(SymbolError) -> Type?
}

/// A type that is read when it is needed.
public struct TypeReference: Sendable {
  private enum Content: Sendable {
    case direct(Type)
    case lazy(any TypeSource, UInt64)
  }

  private let content: Content

  public init(_ type: Type) { content = .direct(type) }
  public init(_ source: any TypeSource, id: UInt64) { content = .lazy(source, id) }

  /// Where other types of the same image are found, or nil for a type made by hand.
  public var source: (any TypeSource)? {
    if case .lazy(let source, _) = content { source } else { nil }
  }

  /// The type itself; the source caches it.
  public func resolve() throws(SymbolError) -> Type {
    switch content {
    case .direct(let type): return type
    case .lazy(let source, let id): return try source.type(id: id)
    }
  }
}
