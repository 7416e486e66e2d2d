import Machine

/// The conversation with one stub: whether the target stands or runs, and what the stub was told.
final class RemoteSession {
  enum State: Equatable {
    case stopped
    case running
    /// The break was sent; the stop has not come yet.
    case interrupting(until: ContinuousClock.Instant)
    case exited(Int)
    case closed
  }

  let link: RemoteLink
  private(set) var state = State.stopped
  /// Grows with each stop.
  private(set) var stopCount = 0
  private(set) var wasRunningAtAttach = false
  var features = StubFeatures(parsing: "")
  var resumeActions: Set<String> = []
  /// The threads of the stub, sorted: the CPUs.
  var threads: [ThreadID] = []

  private var selectedThread: ThreadID?
  /// What `m` means to QEMU now; nil: not known.
  private var isPhysicalMode: Bool?
  /// Whether the stub is QEMU's for whole systems, which knows the physical mode.
  private(set) var isQEMU = false
  private var seenResyncs = 0
  /// How long a stop may take after the break.
  var interruptSeconds = 5.0
  /// How often a question is asked altogether on a bad line.
  private var attemptLimit: Int { isAttaching ? 12 : 2 }
  /// While the stub is asked what it is, more trouble is borne.
  var isAttaching = true
  /// The resume that is under way, or was the last one.
  private var current = Resuming()

  private struct Resuming {
    var isStep = false
    /// What the link had seen of odd things when it was sent.
    var noiseMark = 0
    var stopMark = 0
    /// Whether the stub was asked to repeat its stop.
    var hasAskedForRepetition = false
  }

  init(_ link: RemoteLink) { self.link = link }

  // MARK: Requests

  /// Sends a request of a stopped target and returns its answer.
  func perform<R: Request>(_ request: R, timeout: Duration? = nil) throws(RequestError) -> R.Answer
  {
    do throws(TargetError) { try checkStopped() } catch { throw .target(error) }
    var attempts = 0
    while true {
      let reply: [UInt8]
      do throws(TargetError) {
        reply = try patiently(request, timeout)
      } catch { throw .target(error) }
      do throws(ReplyError) {
        return try request.answer(reply)
      } catch {
        guard case .malformed = error else { throw .reply(error) }
        // Perhaps another request's answer: from now on nothing is trusted before a resync.
        link.doubt()
        attempts += 1
        guard request.isIdempotent, attempts < 3 else { throw .reply(error) }
      }
    }
  }

  /// While a bad line still carries something, a question is worth another try.
  private func patiently(
    _ request: some Request, _ timeout: Duration?
  ) throws(TargetError) -> [UInt8] {
    var attempts = 0
    while true {
      let arrivals = link.arrivalCount
      do throws(TargetError) {
        return try confirmed(request, timeout)
      } catch {
        attempts += 1
        guard error.kind == .timedOut, request.isIdempotent, attempts < attemptLimit,
          link.arrivalCount > arrivals
        else { throw error }
      }
    }
  }

  /// Where bytes were damaged the sum can be right by chance: the same answer must come twice.
  private func confirmed(
    _ request: some Request, _ timeout: Duration?
  ) throws(TargetError) -> [UInt8] {
    var reply = try link.exchange(
      request.payload, isIdempotent: request.isIdempotent, timeout: timeout)
    guard link.isSuspect, request.isIdempotent else { return reply }
    for _ in 0..<4 {
      let next = try link.exchange(request.payload, isIdempotent: true, timeout: timeout)
      if next == reply { return reply }
      reply = next
    }
    link.noteTrouble()
    throw TargetError(
      .timedOut, "\(link.peer) never gives the same answer twice",
      hint: "\(link.damagedCount) packets were damaged: check the line")
  }

  func checkStopped() throws(TargetError) {
    if let loss { throw loss }
    guard state == .stopped else {
      throw TargetError(.refused, "the target is running", hint: "interrupt it first")
    }
  }

  /// Why nothing more can be asked.
  var loss: TargetError? {
    switch state {
    case .exited(let status): TargetError(.exited, "the target has ended (status \(status))")
    case .closed: link.lost ?? TargetError(.connectionLost, "the connection is closed")
    case .stopped, .running, .interrupting: link.lost
    }
  }

  /// Makes `thread` the one that registers and memory are read of.
  func select(_ thread: ThreadID) throws(RequestError) {
    forgetWhatMayBeLost()
    guard selectedThread != thread else { return }
    selectedThread = nil
    do throws(RequestError) {
      try perform(SelectThread(thread: thread))
    } catch .reply(.unsupported) where threads.count <= 1 {
      // One thread needs no selection.
    }
    selectedThread = thread
  }

  /// Makes `m` mean physical or virtual addresses.
  func setPhysicalMode(_ isOn: Bool) throws(RequestError) {
    forgetWhatMayBeLost()
    guard isQEMU, isPhysicalMode != isOn else { return }
    isPhysicalMode = nil
    try perform(SetPhysicalMode(isOn: isOn))
    isPhysicalMode = isOn
  }

  /// Finds out whether the stub has the physical mode.
  func detectQEMU() throws(TargetError) {
    do throws(RequestError) {
      isPhysicalMode = try perform(GetPhysicalMode())
      isQEMU = true
      link.pipelineDepth = link.isReliable ? 48 : 1
    } catch .target(let error) {
      throw error
    } catch {
      isQEMU = false
    }
  }

  private func forgetWhatMayBeLost() {
    guard seenResyncs != link.resyncCount else { return }
    seenResyncs = link.resyncCount
    selectedThread = nil
    if isPhysicalMode != nil { isPhysicalMode = nil }
  }

  // MARK: Attaching

  /// The first question. A target that ran stops when the connection comes, and its stop reply may
  /// come before the answer.
  func greet(timeout: Duration) throws(TargetError) {
    let request = Supported()
    // A stub that has spoken first repeats itself until it hears this.
    try link.acknowledgeOpening()
    let reply = try firstReply(request.payload, timeout)
    do throws(ReplyError) {
      features = try request.answer(reply)
    } catch .refused {
      // A stub may refuse the question as well as not know it.
    } catch {
      link.noteTrouble()
    }
  }

  /// Who is silent for so long is no stub, or serves another debugger. But the request may have been
  /// lost, and who rejects it is a stub.
  private func firstReply(
    _ request: [UInt8], _ timeout: Duration
  ) throws(TargetError) -> [UInt8] {
    let end = ContinuousClock.now + timeout
    var attempts = 0
    while true {
      attempts += 1
      do throws(TargetError) {
        return try link.exchange(
          request, isIdempotent: false, timeout: attempts == 1 ? timeout / 2 : timeout / 4,
          isAside: { payload in self.noticeEarlyStop(payload) })
      } catch {
        guard error.kind == .timedOut else { throw error }
        guard attempts < 16, ContinuousClock.now < end - timeout / 8 else {
          throw TargetError(
            .cannotConnect, "\(link.peer) accepts the connection and says nothing",
            hint: "is another debugger attached? QEMU serves one at a time")
        }
      }
    }
  }

  private func noticeEarlyStop(_ payload: [UInt8]) -> Bool {
    guard let stop = StopReply(parsing: payload) else { return false }
    if case .exited(let status) = stop.kind { state = .exited(status) }
    // Stopped by the connection itself; a stub that stood still may speak first too (T05).
    if stop.kind == .interrupt { wasRunningAtAttach = true }
    return true
  }

  /// Takes the result of the `?` at attach.
  func begin(_ stop: StopReply) {
    stopCount = 1
    if case .exited(let status) = stop.kind { state = .exited(status) }
  }

  /// After a command that may have changed anything: whatever was cached is stale.
  func invalidate() {
    stopCount += 1
    selectedThread = nil
    isPhysicalMode = nil
  }

  // MARK: Running

  func resume(_ how: Resumption, thread: ThreadID?) throws(TargetError) {
    try checkStopped()
    do throws(RequestError) {
      try setPhysicalMode(false)
      if resumeActions.isEmpty, case .step = how, let thread { try select(thread) }
    } catch { throw error.targetError("resume") }
    try link.settle()
    selectedThread = nil
    current = Resuming(noiseMark: link.fragmentCount, stopMark: link.surplusStopCount)
    if case .step = how { current.isStep = true }
    let resume = Resume(how: how, thread: thread, hasActions: !resumeActions.isEmpty)
    state = .running
    isBreakTheUsers = false
    do throws(TargetError) {
      try link.send(resume.payload)
    } catch {
      state = .closed
      throw error
    }
  }

  func interrupt() throws(TargetError) {
    guard state == .running else { return }
    try link.sendBreak()
    let seconds = link.isSuspect ? min(interruptSeconds, 1) : interruptSeconds
    state = .interrupting(until: .now + .seconds(seconds))
  }

  /// Waits for a stop; nil: `timeout` passed.
  func waitForStop(timeout: Duration?) throws(TargetError) -> StopReply? {
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      var wait = RemoteLink.Wait(nil, grace: .zero)
      switch state {
      case .running:
        wait.deadline = min(deadline ?? .now + Self.lookInterval, .now + Self.lookInterval)
      // Even when `timeout` passes meanwhile: who asked for the stop wants to see it.
      case .interrupting(let end): wait.deadline = end
      case .stopped: throw TargetError(.refused, "the target is not running")
      case .exited, .closed:
        try checkStopped()
        return nil
      }
      switch try receive(&wait) {
      case .packet(let payload):
        if let stop = try take(payload) { return stop }
      case .acknowledged, .malformed: continue
      case .woken: try wake()
      case .timedOut:
        guard state == .running else { return try findOutWhetherItStopped() }
        if let deadline, ContinuousClock.now >= deadline { return nil }
        try lookForLostStop()
      case .rejected:
        stop(doubtful: true)
        throw TargetError(
          .refused, "the packet to resume was damaged; the target may have run",
          hint: "look at the program counter before going on")
      case .damaged:
        if link.acknowledges { continue }
        return try askAgain()
      }
    }
  }

  private static let lookInterval = Duration.milliseconds(500)

  /// Half a second of silence. When something came that was no packet, the stop may have been in
  /// it; a step over a bad line should have ended by now. The stub's last packet can be had again.
  private func lookForLostStop() throws(TargetError) {
    let isOdd = link.fragmentCount > current.noiseMark || (current.isStep && link.isSuspect)
    guard isOdd, link.acknowledges else { return }
    link.noteTrouble()
    if !current.hasAskedForRepetition {
      current.hasAskedForRepetition = true
      try link.askForRepetition()
    } else if current.isStep {
      try interrupt()
    }
  }

  /// Whether the last resume may have been carried out more than once: stops came that nobody
  /// waited for. Asked only on a bad line.
  func hasStoppedTooOften() throws(TargetError) -> Bool {
    guard link.isSuspect, state == .stopped else { return false }
    try link.settle()
    return link.surplusStopCount > current.stopMark
  }

  private func receive(_ wait: inout RemoteLink.Wait) throws(TargetError) -> RemoteLink.Incoming {
    do throws(TargetError) {
      return try link.receive(&wait)
    } catch {
      state = .closed
      throw error
    }
  }

  private func take(_ payload: [UInt8]) throws(TargetError) -> StopReply? {
    if let reply = StopReply(parsing: payload) {
      stop(doubtful: false)
      // The thread that a stop names is the selected one then, as the manual's client takes it.
      selectedThread =
        link.isSuspect ? nil : threads.first { reply.thread?.means($0) ?? false }
      if case .exited(let status) = reply.kind { state = .exited(status) }
      return reply
    }
    if link.takeAside(payload) { return nil }
    do throws(ReplyError) {
      try checkError(payload)
    } catch {
      stop(doubtful: true)
      throw RequestError.reply(error).targetError("resume")
    }
    // Anything else is no answer to a resume: a late reply.
    link.noteTrouble()
    return nil
  }

  /// Whether the user asked for the break that is under way.
  private var isBreakTheUsers = false
  /// The user asked while another break was under way: who sees the stop must know.
  private var isWishPending = false

  /// The user's wish: the first one stops the target, one more ends the wait.
  private func wake() throws(TargetError) {
    Interrupt.shared.clear()
    if state == .running {
      try interrupt()
      isBreakTheUsers = true
    } else if !isBreakTheUsers {
      isBreakTheUsers = true
      isWishPending = true
    } else {
      state = .running
      throw TargetError(
        .interrupted, "interrupted; the target has not stopped yet", hint: "wait for it, or leave")
    }
  }

  /// The break was not answered: the target may have stopped before and the reply been lost. A
  /// running QEMU stops on any packet, so it may be asked; other stubs must not be disturbed.
  private func findOutWhetherItStopped() throws(TargetError) -> StopReply {
    state = .running
    if isQEMU {
      link.doubt()
      do throws(TargetError) {
        try link.settle()
        stop(doubtful: false)
        return StopReply(kind: .interrupt, thread: nil)
      } catch {
        if error.kind != .timedOut {
          state = .closed
          throw error
        }
      }
    }
    throw TargetError(
      .timedOut, "the target cannot be interrupted: it does not answer the break",
      hint: "try again, or leave")
  }

  /// The stop reply was damaged and cannot be had again from a stub without acknowledgements.
  private func askAgain() throws(TargetError) -> StopReply {
    stop(doubtful: true)
    do throws(RequestError) {
      return try perform(WhyStopped())
    } catch { throw error.targetError("say why the target stopped") }
  }

  private func stop(doubtful: Bool) {
    state = .stopped
    stopCount += 1
    selectedThread = nil
    if doubtful { link.doubt() }
    if isWishPending { Interrupt.shared.request() }
    isWishPending = false
  }

  // MARK: End

  func close() {
    state = .closed
    link.close()
  }
}
