/// The nouns that every kernel is shown in; see `fields` for what each has.
public enum ObjectKind: String, Sendable, CaseIterable, Hashable {
  case cpu, thread, domain, space, capability, endpoint, message, notification, irq, lock, frame,
    account, ring, recovery

  public var plural: String {
    switch self {
    case .capability: "capabilities"
    case .frame: "memory frames"
    case .recovery: "recovery events"
    default: rawValue + "s"
    }
  }

  /// The vocabulary: names, meaning, and how the value is to be read. Order is the order of columns.
  public var fields: [FieldDescription] {
    switch self {
    case .cpu: Self.cpuFields
    case .thread: Self.threadFields
    case .domain: Self.domainFields
    case .space: Self.spaceFields
    case .capability: Self.capabilityFields
    case .endpoint: Self.endpointFields
    case .message: Self.messageFields
    case .notification: Self.notificationFields
    case .irq: Self.irqFields
    case .lock: Self.lockFields
    case .frame: Self.frameFields
    case .account: Self.accountFields
    case .ring: Self.ringFields
    case .recovery: Self.recoveryFields
    }
  }

  public func field(_ name: String) -> FieldDescription? { fields.first { $0.name == name } }
}

/// One field of a kind.
public struct FieldDescription: Sendable {
  public enum Form: Sendable, Equatable {
    case number, address, text, list, duration, hex
    case reference(ObjectKind?)
  }

  public let name: String
  public let form: Form
  /// One phrase for help and the JSON schema.
  public let meaning: String
  /// Shown only in full (`thread 105`), not in tables.
  public let isDetail: Bool

  init(_ name: String, _ form: Form, _ meaning: String, detail: Bool = false) {
    self.name = name
    self.form = form
    self.meaning = meaning
    self.isDetail = detail
  }
}
