/// The nouns that every kernel is shown in; see `fields` for what each has.
public enum ObjectKind: String, Sendable, CaseIterable, Hashable {
  case cpu, thread, domain, space, capability, endpoint, message, recovery

  public var plural: String {
    switch self {
    case .capability: "capabilities"
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

extension ObjectKind {
  private static let cpuFields: [FieldDescription] = [
    .init("thread", .reference(.thread), "the kernel thread it runs"),
    .init("state", .text, "running, idle or halted"),
    .init("pc", .address, "where it is"),
    .init("location", .text, "function and offset of pc", detail: false),
    .init("stop", .text, "why it stopped", detail: true),
    .init("run_queue", .list, "threads that wait for it", detail: true),
  ]
  private static let threadFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("state", .text, "running, ready, blocked, idle or dead"),
    .init("detail", .text, "what a blocked thread does: send, receive, reply, queue, sleep"),
    .init("blocked_on", .reference(nil), "the object it waits for"),
    .init("cpu", .reference(.cpu), "the CPU it runs on"),
    .init("priority", .number, "its priority"),
    .init("domain", .reference(.domain), "the domain it belongs to"),
    .init("space", .reference(.space), "the address space it runs in"),
    .init("parent", .reference(.thread), "the thread that made it", detail: true),
    .init("generation", .number, "how often it was recovered", detail: true),
    .init("since", .duration, "time since boot when it blocked, in nanoseconds", detail: true),
    .init("pc", .address, "where it is, or will go on"),
    .init("stack", .text, "its stack's address range", detail: true),
  ]
  private static let domainFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("isolation", .text, "language, hardware or none"),
    .init("image", .text, "the file that its code comes from"),
    .init("space", .reference(.space), "the address space it runs in"),
    .init("state", .text, "running or dead"),
    .init("generation", .number, "how often it was recovered"),
    .init("threads", .list, "its threads"),
    .init("capabilities", .number, "how many capabilities it holds"),
    .init("handler", .address, "entry of its fault handler", detail: true),
  ]
  private static let spaceFields: [FieldDescription] = [
    .init("root", .address, "physical address of its page-table root"),
    .init("owner", .reference(.domain), "the domain it was made for"),
    .init("domains", .list, "the domains that live in it"),
  ]
  private static let capabilityFields: [FieldDescription] = [
    .init("domain", .reference(.domain), "who holds it"),
    .init("slot", .number, "its place in the holder's table"),
    .init("object", .reference(nil), "what it gives access to"),
    .init("rights", .text, "s send, r receive, g grant, c control"),
    .init("badge", .hex, "the number that the receiver sees"),
    .init("parent", .reference(.capability), "the capability it was derived from"),
    .init("from", .text, "the holder of that capability", detail: false),
  ]
  private static let endpointFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("kind", .text, "rendezvous or queue"),
    .init("owner", .reference(.domain), "the domain that serves it"),
    .init("depth", .number, "queued messages, or waiting senders"),
    .init("capacity", .number, "the most messages it holds"),
    .init("senders", .list, "threads that wait to send"),
    .init("receivers", .list, "threads that wait to receive"),
  ]
  private static let messageFields: [FieldDescription] = [
    .init("endpoint", .reference(.endpoint), "where it waits"),
    .init("position", .number, "its place, from 0"),
    .init("sender", .reference(.thread), "who sent it"),
    .init("badge", .hex, "the badge of the capability it was sent with"),
    .init("label", .hex, "its label"),
    .init("words", .list, "its words"),
  ]
  private static let recoveryFields: [FieldDescription] = [
    .init("time", .duration, "time since boot, in nanoseconds"),
    .init("domain", .reference(.domain), "the domain that was recovered"),
    .init("thread", .reference(.thread), "the thread that was recovered"),
    .init("cause", .text, "panic, data-abort, undefined-instruction, ..."),
    .init("pc", .address, "the faulting instruction, or the call that panicked"),
    .init("location", .text, "function and line of pc"),
    .init("fault_address", .address, "the address of an abort", detail: true),
    .init("frames", .number, "frames walked until the catch"),
    .init("pads", .number, "landing pads run, the catch included"),
    .init("pad_addresses", .list, "the first landing pads", detail: true),
    .init("released_blocks", .number, "heap blocks freed by landing pads"),
    .init("released_locks", .number, "locks released by landing pads"),
    .init("outcome", .text, "retried, restarted or failed"),
    .init("generation", .number, "the domain's generation after it"),
    .init("duration", .duration, "from fault to catch, in nanoseconds"),
    .init("source", .text, "kernel log, or observed", detail: true),
  ]
}
