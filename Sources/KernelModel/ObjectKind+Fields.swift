extension ObjectKind {
  static let cpuFields: [FieldDescription] = [
    .init("thread", .reference(.thread), "the kernel thread it runs"),
    .init("state", .text, "running, idle or halted"),
    .init("pc", .address, "where it is"),
    .init("location", .text, "function and offset of pc", detail: false),
    .init("stop", .text, "why it stopped", detail: true),
    .init("run_queue", .list, "threads that wait for it", detail: true),
  ]
  static let threadFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("state", .text, "running, ready, blocked, idle or dead"),
    .init("detail", .text, "send, receive, reply, queue, notification, lock, sleep"),
    .init("blocked_on", .reference(nil), "the object it waits for"),
    .init("cpu", .reference(.cpu), "the CPU it runs on"),
    .init("priority", .number, "its priority"),
    .init("domain", .reference(.domain), "the domain it belongs to"),
    .init("space", .reference(.space), "the address space it runs in"),
    .init("parent", .reference(.thread), "the thread that made it", detail: true),
    .init("generation", .number, "how often it was recovered", detail: true),
    .init("until", .duration, "when its wait ends in any case", detail: true),
    .init("since", .duration, "time since boot when it blocked, in nanoseconds", detail: true),
    .init("pc", .address, "where it is, or will go on"),
    .init("stack", .text, "its stack's address range", detail: true),
    .init("cpu_time", .duration, "how long it has run", detail: true),
    .init("handler", .address, "entry of its fault handler", detail: true),
  ]
  static let domainFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("isolation", .text, "language, hardware or none"),
    .init("image", .text, "the file that its code comes from"),
    .init("space", .reference(.space), "the address space it runs in"),
    .init("state", .text, "running or dead"),
    .init("generation", .number, "how often it was recovered"),
    .init("threads", .list, "its threads"),
    .init("capabilities", .number, "how many capabilities it holds"),
  ]
  static let spaceFields: [FieldDescription] = [
    .init("root", .address, "physical address of its page-table root"),
    .init("owner", .reference(.domain), "the domain it was made for"),
    .init("domains", .list, "the domains that live in it"),
  ]
  static let capabilityFields: [FieldDescription] = [
    .init("domain", .reference(.domain), "who holds it"),
    .init("slot", .number, "its place in the holder's table"),
    .init("generation", .number, "how often the place was used before", detail: true),
    .init("object", .reference(nil), "what it gives access to"),
    .init("rights", .text, "s send, r receive, g grant, c control"),
    .init("badge", .hex, "the number that the receiver sees"),
    .init("parent", .reference(.capability), "the capability it was derived from"),
    .init("from", .text, "the holder of that capability", detail: false),
  ]
  static let endpointFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("kind", .text, "rendezvous or queue"),
    .init("owner", .reference(.domain), "the domain that serves it"),
    .init("depth", .number, "queued messages, or waiting senders"),
    .init("capacity", .number, "the most messages it holds"),
    .init("senders", .list, "threads that wait to send"),
    .init("receivers", .list, "threads that wait to receive"),
  ]
  static let messageFields: [FieldDescription] = [
    .init("endpoint", .reference(.endpoint), "where it waits"),
    .init("position", .number, "its place, from 0"),
    .init("sender", .reference(.thread), "who sent it"),
    .init("badge", .hex, "the badge of the capability it was sent with"),
    .init("label", .hex, "its label"),
    .init("words", .list, "its words"),
  ]
  static let notificationFields: [FieldDescription] = [
    .init("name", .text, "its name"),
    .init("owner", .reference(.domain), "the domain that it belongs to"),
    .init("pending", .hex, "bits that nobody has taken yet"),
    .init("waiter", .reference(.thread), "the thread that waits for bits"),
  ]
  static let irqFields: [FieldDescription] = [
    .init("owner", .reference(.domain), "the domain that it was given to"),
    .init("notification", .reference(.notification), "what it signals"),
    .init("state", .text, "idle, pending or masked"),
  ]
  static let lockFields: [FieldDescription] = [
    .init("space", .reference(.space), "the address space it lies in"),
    .init("address", .address, "where it is"),
    .init("owner", .reference(.thread), "the thread that holds it"),
    .init("waiters", .list, "threads that wait for it"),
  ]
  static let frameFields: [FieldDescription] = [
    .init("address", .address, "physical address of its first page"),
    .init("pages", .number, "its size"),
    .init("owner", .reference(.domain), "the domain that pays for it"),
    .init("mapped", .list, "where it is mapped"),
  ]
  static let accountFields: [FieldDescription] = [
    .init("threads", .number, "its threads"),
    .init("capabilities", .number, "capabilities in its table"),
    .init("endpoints", .number, "its endpoints"),
    .init("notifications", .number, "its notifications"),
    .init("frames", .number, "its memory frames"),
    .init("pages", .number, "pages it pays for"),
    .init("blocks", .number, "heap blocks, as its runtime reported last"),
    .init("locks", .number, "locks it held at that time"),
  ]
  static let ringFields: [FieldDescription] = [
    .init("next", .number, "the sequence number that its next event will get"),
    .init("overwritten", .number, "events that had to make room"),
  ]
  static let recoveryFields: [FieldDescription] = [
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
    .init("client", .reference(.thread), "whose request was being served", detail: true),
    .init("label", .hex, "what it asked for", detail: true),
    .init("level", .text, "what was recovered: request, server or domain"),
    .init("released_blocks", .number, "heap blocks freed by landing pads"),
    .init("released_locks", .number, "locks released by landing pads"),
    .init("ledger_blocks", .number, "heap blocks that only the ledger knew of", detail: true),
    .init("ledger_locks", .number, "locks that only the ledger knew of", detail: true),
    .init(
      "ledger_capabilities", .number, "capabilities that only the ledger knew of", detail: true),
    .init("lost", .number, "what nobody could give back"),
    .init("double_releases", .number, "what landing pads released twice", detail: true),
    .init("outcome", .text, "retried, restarted or failed"),
    .init("generation", .number, "the domain's generation after it"),
    .init("duration", .duration, "from fault to catch, in nanoseconds"),
    .init("source", .text, "kernel log, or observed", detail: true),
  ]
}
