import Binary
public import Machine

/// A machine behind a GDB stub: QEMU, an emulator, a probe.
///
/// It leaves the guest as it found it: `close()` takes the breakpoints out, lets a guest go on that
/// ran when kscope came, and leaves one stopped that stood still.
public final class RemoteTarget: Target {
  public let summary: String
  public let architecture: Architecture
  public let registerDescriptions: [Register]
  /// The stub's own words at attach that were not understood but can be lived with; one line each.
  public let warnings: [String]

  let session: RemoteSession
  let description: TargetDescription
  /// By number: where each register begins in a `g` reply.
  private let offsets: [Int: Int]
  var cache = StopCache()
  var insertions: [Insertion] = []
  /// Where the step that is under way began.
  var stepOrigin: StepOrigin?
  let physical: RemotePhysicalMemory

  struct Insertion: Equatable {
    let asked: BreakpointKind
    let used: BreakpointKind
    let address: Address
  }

  /// What is known while the target stands still.
  struct StopCache {
    var stopCount = -1
    var cpus: [CPU]?
    var general: [Int: RegisterValues] = [:]
    /// The last `g` reply; nil for a byte that is unavailable.
    var bytes: [Int: [UInt8?]] = [:]
    var others: [Int: [String: UInt64?]] = [:]
  }

  /// How to attach.
  public struct Options {
    /// For the connection itself.
    public var connectSeconds = 5.0
    /// For the first answer: some stubs start their target first.
    public var firstReplySeconds = 15.0
    /// Asked when nobody listens; while it says yes, connecting is tried again: for a QEMU that was
    /// just started.
    public var keepsTrying: () -> Bool = { false }
    /// Sees every payload that is sent or received; 0x03 alone is the break.
    public var log: ((PacketDirection, [UInt8]) -> Void)?
    /// Where everything that goes over the line is written down, as a transcript.
    public var recordPath: String?
    /// What a transcript says about itself.
    public var recordComments: [String] = []
    /// What happens to the line, for tests.
    public var faults: FaultPlan?
    /// Whether RAM may be read out of the memory of a QEMU on this machine.
    public var allowsDirectMemory = true
    public init() {}
  }

  /// Connects to the stub at `address` and stops its target.
  public static func connect(
    _ address: TargetAddress, options: Options = Options()
  ) throws(TargetError) -> RemoteTarget {
    while true {
      let transport: any Transport
      do throws(SystemError) {
        transport = try Connection.open(
          address, deadline: .now + .seconds(options.connectSeconds))
      } catch {
        if options.keepsTrying(), !Interrupt.shared.isRequested {
          Pause.milliseconds(5)
          continue
        }
        throw Connection.failure(address, error)
      }
      let link = RemoteLink(
        try decorate(transport, options), peer: address.description)
      return try RemoteTarget(attaching: link, options: options)
    }
  }

  private static func decorate(
    _ transport: any Transport, _ options: Options
  ) throws(TargetError) -> any Transport {
    var transport = transport
    if let faults = options.faults { transport = FaultyTransport(transport, faults) }
    guard let path = options.recordPath else { return transport }
    do throws(SystemError) {
      return try RecordingTransport(transport, path: path, comments: options.recordComments)
    } catch {
      transport.close()
      throw TargetError(.cannotConnect, "\(error)", hint: "--record takes a file to write")
    }
  }

  convenience init(attaching link: RemoteLink, options: Options = Options()) throws(TargetError) {
    link.log = options.log
    do throws(TargetError) {
      let attachment = try Attachment(link, firstReplySeconds: options.firstReplySeconds)
      self.init(attachment, peer: link.peer, options)
    } catch {
      link.close()
      throw error
    }
  }

  private init(_ attachment: Attachment, peer: String, _ options: Options) {
    session = attachment.session
    description = attachment.description
    architecture = attachment.architecture
    warnings = attachment.warnings
    var offsets: [Int: Int] = [:]
    var end = 0
    for entry in attachment.description.entries {
      offsets[entry.number] = end
      end += entry.register.byteCount
    }
    self.offsets = offsets
    summary = (attachment.session.isQEMU ? "QEMU at " : "stub at ") + peer
    let general = Set(attachment.architecture.registers.map(\.name))
    let known = attachment.description.entries.map(\.register).filter {
      $0.byteCount <= 8 && !general.contains($0.name)
    }
    registerDescriptions = attachment.architecture.registers + known
    physical = RemotePhysicalMemory(
      attachment.session, allowsDirect: options.allowsDirectMemory)
  }

  public var loss: TargetError? {
    guard session.state == .stopped else { return session.loss }
    session.link.noticeEnd()
    // Memory read directly asks nobody whether QEMU still lives.
    if physical.isDirect, session.loss == nil { _ = try? session.perform(GetPhysicalMode()) }
    return session.loss
  }

  /// Only QEMU's stub has it, and over a bad line only once QEMU's list of its memory has come.
  public var physicalMemory: (any PhysicalMemory)? {
    guard session.isQEMU, !session.link.isSuspect || physical.ranges != nil else { return nil }
    return physical
  }

  public func memory(of cpu: Int) -> (any MemoryReader)? {
    session.threads.indices.contains(cpu) ? RemoteMemory(session, cpu: cpu) : nil
  }

  public var execution: (any Execution)? { self }
  public var breakpoints: (any BreakpointControl)? { self }
  public var monitor: (any Monitor)? { self }

  /// What the guest or the stub printed by the protocol's own console; the last 64 KiB, unescaped.
  public var consoleOutput: [UInt8] { session.link.console }

  // MARK: CPUs and registers

  public func cpus() throws(TargetError) -> [CPU] {
    try refresh()
    if let cpus = cache.cpus { return cpus }
    var cpus: [CPU] = []
    for (id, thread) in session.threads.enumerated() {
      cpus.append(CPU(id: id, detail: try detail(of: thread)))
    }
    cache.cpus = cpus
    return cpus
  }

  private func detail(of thread: ThreadID) throws(TargetError) -> String {
    do throws(RequestError) {
      return try session.perform(ThreadExtraInfo(thread: thread))
    } catch .target(let error) {
      throw error
    } catch {
      return ""
    }
  }

  public func registers(of cpu: Int) throws(TargetError) -> RegisterValues {
    try refresh()
    if let values = cache.general[cpu] { return values }
    let bytes: [UInt8?]
    do throws(RequestError) {
      try session.select(try thread(of: cpu))
      bytes = try session.perform(ReadRegisters(maximumByteCount: description.byteCount))
    } catch { throw error.targetError("read the registers of CPU \(cpu)") }
    let values = unpack(bytes)
    cache.bytes[cpu] = bytes
    cache.general[cpu] = values
    return values
  }

  public var lastKnownRegisters: [Int: RegisterValues] {
    cache.stopCount == session.stopCount ? cache.general : [:]
  }

  private func unpack(_ bytes: [UInt8?]) -> RegisterValues {
    var values = RegisterValues()
    for register in architecture.registers {
      guard let entry = description.entry(named: register.name) else { continue }
      values[register.name] = self.value(of: entry, in: bytes)
    }
    return values
  }

  /// A `g` reply holds the registers in the order of their numbers, from the first on; nil: not
  /// in it, or unavailable.
  private func value(of entry: TargetDescription.Entry, in bytes: [UInt8?]) -> UInt64? {
    let start = offset(of: entry)
    let end = start + entry.register.byteCount
    guard end <= bytes.count else { return nil }
    let available = bytes[start..<end].compactMap(\.self)
    return available.count == end - start ? value(available) : nil
  }

  /// Where a register begins in a `g` reply.
  func offset(of entry: TargetDescription.Entry) -> Int { offsets[entry.number] ?? .max / 2 }

  public func register(_ name: String, of cpu: Int) throws(TargetError) -> UInt64? {
    if architecture.registers.contains(where: { $0.name == name }) {
      return try registers(of: cpu)[name]
    }
    guard let entry = entry(named: name), entry.register.byteCount <= 8 else { return nil }
    try refresh()
    if let known = cache.others[cpu]?[entry.register.name] { return known }
    let value = try read(entry, of: cpu)
    cache.others[cpu, default: [:]][entry.register.name] = .some(value)
    return value
  }

  /// QEMU leaves the `_EL1` out of some names: `SCTLR`, `VBAR`, `CPACR`.
  private func entry(named name: String) -> TargetDescription.Entry? {
    if let entry = description.entry(named: name) { return entry }
    return name.hasSuffix("_el1") ? description.entry(named: String(name.dropLast(4))) : nil
  }

  private func read(_ entry: TargetDescription.Entry, of cpu: Int) throws(TargetError) -> UInt64? {
    do throws(RequestError) {
      try session.select(try thread(of: cpu))
      let request = ReadRegister(number: entry.number, byteCount: entry.register.byteCount)
      return try session.perform(request).map(value)
    } catch .reply(.unsupported) {
      // gdbserver gives all registers at once and none alone.
      _ = try registers(of: cpu)
      return value(of: entry, in: cache.bytes[cpu] ?? [])
    } catch .reply(.refused) {
      return nil
    } catch { throw error.targetError("read \(entry.register.name) of CPU \(cpu)") }
  }

  func thread(of cpu: Int) throws(RequestError) -> ThreadID {
    guard session.threads.indices.contains(cpu) else {
      throw .target(TargetError(.refused, "there is no CPU \(cpu)"))
    }
    return session.threads[cpu]
  }

  private func value(_ bytes: [UInt8]) -> UInt64 {
    architecture.endianness == .little
      ? bytes.littleEndianValue : bytes.reversed().littleEndianValue
  }

  /// Registers are known only while the target stands still and is there.
  private func refresh() throws(TargetError) {
    try session.checkStopped()
    guard cache.stopCount != session.stopCount else { return }
    cache = StopCache()
    cache.stopCount = session.stopCount
  }

  // MARK: End

  public func close() {
    guard session.state != .closed else { return }
    session.link.ignoresInterrupt = true
    do throws(TargetError) { try leave() } catch {}
    session.close()
  }

  private func leave() throws(TargetError) {
    switch session.state {
    case .running:
      try session.interrupt()
      _ = try session.waitForStop(timeout: .seconds(3))
    case .interrupting: _ = try session.waitForStop(timeout: .seconds(3))
    case .stopped, .exited, .closed: break
    }
    guard session.state == .stopped else { return }
    for insertion in insertions { try? remove(insertion.asked, at: insertion.address) }
    do throws(RequestError) {
      try session.setPhysicalMode(false)
      // QEMU leaves the guest as it is when the connection ends; others end or resume it.
      if session.isQEMU, !session.wasRunningAtAttach { return }
      for process in Set(session.threads.map(\.process)) {
        try session.perform(Detach(process: process))
      }
    } catch { throw error.targetError("detach") }
  }
}

extension RemoteTarget: Monitor {
  public func command(_ line: String) throws(TargetError) -> String {
    let output = try session.monitor(line)
    // The command may have changed registers, memory and breakpoints.
    session.invalidate()
    physical.forgetRanges()
    return output
  }
}
