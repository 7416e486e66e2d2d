/// Who waits for whom, and which threads wait for one another for ever.
///
/// A thread that waits for a reply waits for one thread. One that waits to send waits for any thread
/// that may receive there: it is stuck only when all of these are stuck.
public struct WaitGraph: Sendable {
  /// A closed chain of waits.
  public struct Cycle: Sendable, Equatable {
    /// Threads and the endpoints between them, from the lowest thread; the last one waits for the
    /// first again.
    public let objects: [ObjectReference]
    /// Inferred when a wait for an endpoint leads to one of several threads that may receive there.
    public let certainty: Certainty

    /// `deadlock: thread 110 -> endpoint 5 -> thread 111 -> thread 110`.
    public var description: String {
      let chain = objects + objects.prefix(1)
      return "deadlock: " + chain.map(\.description).joined(separator: " -> ")
    }
  }

  /// What would end one thread's wait: any of these threads going on.
  struct Wait: Sendable {
    let object: ObjectReference
    let helpers: [String]
    let certainty: Certainty
  }

  private let waits: [String: Wait]

  /// - Parameters:
  ///   - endpoints: for who owns them; may be empty.
  ///   - capabilities: for who else may receive; may be empty.
  public init(
    threads: [KernelObject], endpoints: [KernelObject], capabilities: [KernelObject] = []
  ) {
    let receivers = Receivers(
      threads: threads, endpoints: endpoints, capabilities: capabilities)
    var waits: [String: Wait] = [:]
    for thread in threads {
      waits[thread.id] = Self.wait(of: thread, receivers)
    }
    self.waits = waits
  }

  private static func wait(of thread: KernelObject, _ receivers: Receivers) -> Wait? {
    guard case .text("blocked") = thread.fields["state"]?.value,
      let field = thread.fields["blocked_on"], case .reference(let object) = field.value
    else { return nil }
    if case .unavailable = field.certainty { return nil }
    switch object.kind {
    case ObjectKind.thread.rawValue:
      return Wait(object: object, helpers: [object.id], certainty: field.certainty)
    case ObjectKind.endpoint.rawValue:
      // Who waits to receive is helped by any sender.
      guard case .text("send") = thread.fields["detail"]?.value else { return nil }
      let (helpers, certainty) = receivers.threads(at: object.id)
      return Wait(
        object: object, helpers: helpers,
        certainty: field.certainty == .certain ? certainty : field.certainty)
    default: return nil
    }
  }

  /// The waits that close, each as a list of threads and endpoints.
  public func cycles() -> [[ObjectReference]] { deadlocks().map(\.objects) }

  /// As `cycles()`, with how sure each is.
  public func deadlocks() -> [Cycle] {
    let stuck = stuckThreads()
    var seen: Set<String> = []
    var cycles: [Cycle] = []
    for start in stuck.sorted(by: Self.isBefore) where !seen.contains(start) {
      if let ring = ring(from: start, within: stuck, seen: &seen) { cycles.append(cycle(ring)) }
    }
    return cycles
  }

  /// Threads that no running thread can ever help: those of the cycles, and who waits for them.
  public func stuckThreads() -> Set<String> {
    var stuck = Set(waits.keys)
    while true {
      let free = stuck.filter { thread in
        guard let wait = waits[thread], !wait.helpers.isEmpty else { return true }
        return wait.helpers.contains { !stuck.contains($0) }
      }
      if free.isEmpty { return stuck }
      stuck.subtract(free)
    }
  }

  /// Follows each thread's first helper until a thread comes again; nil: it runs into what was
  /// seen before.
  private func ring(
    from start: String, within stuck: Set<String>, seen: inout Set<String>
  ) -> [String]? {
    var path: [String] = []
    var next: String? = start
    while let thread = next, seen.insert(thread).inserted {
      path.append(thread)
      next = waits[thread]?.helpers.first
    }
    guard let closing = next, let first = path.firstIndex(of: closing) else { return nil }
    let ring = Array(path[first...])
    guard let lowest = ring.indices.min(by: { Self.isBefore(ring[$0], ring[$1]) }) else {
      return nil
    }
    return Array(ring[lowest...] + ring[..<lowest])
  }

  private func cycle(_ ring: [String]) -> Cycle {
    var objects: [ObjectReference] = []
    var certainty = Certainty.certain
    for thread in ring {
      objects.append(ObjectReference(.thread, thread))
      guard let wait = waits[thread] else { continue }
      if wait.object.kind != ObjectKind.thread.rawValue { objects.append(wait.object) }
      if wait.certainty != .certain { certainty = wait.certainty }
    }
    return Cycle(objects: objects, certainty: certainty)
  }

  static func isBefore(_ a: String, _ b: String) -> Bool {
    if let a = UInt64(a), let b = UInt64(b) { return a < b }
    return a < b
  }
}

/// Which threads take what is sent to an endpoint: those of its owner. Where no owner is known, those
/// of every domain that may receive there.
private struct Receivers {
  private var threadsOfDomain: [String: [String]] = [:]
  private var ownerOfEndpoint: [String: String] = [:]
  private var holdersOfEndpoint: [String: Set<String>] = [:]

  init(threads: [KernelObject], endpoints: [KernelObject], capabilities: [KernelObject]) {
    for thread in threads {
      guard case .reference(let domain) = thread.fields["domain"]?.value else { continue }
      // Neither takes calls; and the kernel's domain, where idle threads are, may hold every right.
      switch thread.fields["state"]?.value {
      case .text("dead"), .text("idle"): continue
      default: threadsOfDomain[domain.id, default: []].append(thread.id)
      }
    }
    for endpoint in endpoints {
      guard case .reference(let owner) = endpoint.fields["owner"]?.value else { continue }
      ownerOfEndpoint[endpoint.id] = owner.id
    }
    for capability in capabilities { add(capability) }
  }

  private mutating func add(_ capability: KernelObject) {
    guard case .reference(let object) = capability.fields["object"]?.value,
      object.kind == ObjectKind.endpoint.rawValue,
      case .reference(let holder) = capability.fields["domain"]?.value,
      case .text(let rights) = capability.fields["rights"]?.value, rights.contains("r"),
      threadsOfDomain[holder.id] != nil
    else { return }
    holdersOfEndpoint[object.id, default: []].insert(holder.id)
  }

  func threads(at endpoint: String) -> ([String], Certainty) {
    let holders = holdersOfEndpoint[endpoint] ?? []
    let domains = ownerOfEndpoint[endpoint].map { [$0] } ?? Array(holders)
    let threads = domains.flatMap { threadsOfDomain[$0] ?? [] }.sorted(by: WaitGraph.isBefore)
    if !holders.subtracting(domains).isEmpty {
      return (threads, .inferred("other domains have the right to receive there too"))
    }
    guard threads.count > 1 else { return (threads, .certain) }
    return (threads, .inferred("any thread of the domain can take the call"))
  }
}
