public import Machine

/// Names an object: `thread 105`, `capability 3:0`.
public struct ObjectReference: Hashable, Sendable, CustomStringConvertible {
  /// A kind of the model, or a word for what it has no kind for (`console`).
  public let kind: String
  /// `105`, `3:0`.
  public let id: String

  public init(_ kind: ObjectKind, _ id: String) {
    self.kind = kind.rawValue
    self.id = id
  }

  public init(kind: String, id: String) {
    self.kind = kind
    self.id = id
  }

  public var description: String { "\(kind) \(id)" }
}

/// What a field holds. Text is raw text of the target: escaped where it is rendered.
public indirect enum FieldValue: Hashable, Sendable {
  /// Certainly nothing: no parent, not blocked.
  case none
  case number(UInt64)
  case address(UInt64)
  /// A number that people read in hexadecimal: badge, label.
  case hex(UInt64)
  case text(String)
  /// Nanoseconds.
  case duration(UInt64)
  case reference(ObjectReference)
  case list([FieldValue])
}

public enum Certainty: Hashable, Sendable {
  case certain
  /// Derived by a rule that can be wrong; the rule in words.
  case inferred(String)
  /// Not known, and why.
  case unavailable(String)
}

/// One thing that was read to get at a field.
public struct Evidence: Hashable, Sendable {
  /// How it was reached: `bramble::thread::THREAD_MAP[105].state`.
  public let path: String
  public let type: String
  /// nil: computed, or from a register.
  public let address: Address?
  /// At most 64 bytes of what was read there.
  public let bytes: [UInt8]

  public init(path: String, type: String, address: Address?, bytes: [UInt8]) {
    self.path = path
    self.type = type
    self.address = address
    self.bytes = bytes
  }
}

public struct Field: Sendable {
  public let value: FieldValue
  public let certainty: Certainty
  public let evidence: [Evidence]

  public init(
    _ value: FieldValue, certainty: Certainty = .certain, evidence: [Evidence] = []
  ) {
    self.value = value
    self.certainty = certainty
    self.evidence = evidence
  }

  public static func unavailable(_ reason: String) -> Field {
    Field(.none, certainty: .unavailable(reason))
  }
}

/// One row of a view.
public struct KernelObject: Sendable {
  public let kind: ObjectKind
  public let id: String
  /// By field name; a field that is absent is one that this kernel does not have.
  public var fields: [String: Field]
  /// Set when the row could not be read to its end; the fields read before are kept.
  public var problem: String?

  public init(
    kind: ObjectKind, id: String, fields: [String: Field] = [:], problem: String? = nil
  ) {
    self.kind = kind
    self.id = id
    self.fields = fields
    self.problem = problem
  }

  public var reference: ObjectReference { ObjectReference(kind, id) }
}
