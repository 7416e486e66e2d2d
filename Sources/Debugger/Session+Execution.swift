import Machine

extension Session {
  /// The CPU of the last stop, 0 before the first.
  var lastStoppedCPU: Int { lastStop?.cpu ?? firstCPU }

  private var firstCPU: Int { (try? target.cpus().first?.id) ?? 0 }

  /// Lets the target run until it stops; a stop without reason: `seconds` passed and it was stopped by us.
  public func resume(seconds: Double?) throws(SessionError) -> Stop {
    let execution = try requireExecution()
    let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
    while true {
      if try isAtBreakpoint(selectedCPU) {
        let stop = try step(cpu: selectedCPU)
        if case .trap? = stop.reason?.kind {} else { return stop }
      }
      let rest = deadline.map { Swift.max(0, ($0 - .now) / .seconds(1)) }
      let stop = try run(execution, .run, seconds: rest)
      // Another program's code at the same address: not what the breakpoint was set for.
      guard try isForeignHit(stop) else { return stop }
    }
  }

  /// Runs until one of the places that a specification names, with breakpoints of its own. Not
  /// reached: the target stopped elsewhere before, or `seconds` passed.
  public func run(
    to specification: String, seconds: Double?
  ) throws(SessionError) -> (stop: Stop, isReached: Bool) {
    var own: [Int] = []
    defer { for number in own { try? removeBreakpoint(number) } }
    for place in try places(of: specification) {
      own.append(try insertOwn(place, .hardware).number)
    }
    let stop = try resume(seconds: seconds)
    let others = stop.breakpoints.filter { !own.contains($0) }
    return (
      Stop(reason: stop.reason, breakpoints: others), others.count < stop.breakpoints.count
    )
  }

  /// A breakpoint that the user never sees: its number is not positive.
  private func insertOwn(
    _ place: SymbolicAddress, _ kind: BreakpointKind
  ) throws(SessionError) -> Breakpoint {
    let number = min(0, breakpoints.map(\.number).min() ?? 0) - 1
    return try insert(
      place, number: number, specification: "*\(place.address)", isTemporary: false, kind: kind)
  }

  /// One instruction on the selected CPU, over calls when `over`.
  public func stepInstruction(over: Bool) throws(SessionError) -> Stop {
    if case .thread(let id)? = currentSelection?.subject {
      throw SessionError(
        "thread \(id) does not run, so it cannot be stepped", hint: "select a CPU with `cpu N`")
    }
    let cpu = selectedCPU
    guard over, let returnAddress = try returnAddressOfCall(on: cpu) else {
      return try step(cpu: cpu)
    }
    return try runToReturn(returnAddress, on: cpu)
  }

  /// A line for the stub's own command line. It may change anything, so what was read is forgotten.
  public func monitor(_ line: String) throws(SessionError) -> String {
    guard let monitor = target.monitor else {
      throw SessionError("\(target.summary) takes no monitor commands")
    }
    do {
      let answer = try monitor.command(line)
      generation.advance()
      if case .cpu(let cpu)? = currentSelection?.subject {
        currentSelection = try? selection(ofCPU: cpu)
      }
      return answer
    } catch {
      generation.advance()
      throw SessionError(error)
    }
  }

  private func requireExecution() throws(SessionError) -> any Execution {
    guard let execution = target.execution else {
      throw SessionError(
        "\(target.summary) is a dump: it cannot run", hint: "attach to a live target")
    }
    return execution
  }

  private func step(cpu: Int) throws(SessionError) -> Stop {
    try run(try requireExecution(), .step(cpu: cpu), seconds: 10)
  }

  /// Resumes, waits, and brings the session up to date whatever happens.
  private func run(
    _ execution: any Execution, _ how: Resumption, seconds: Double?
  ) throws(SessionError) -> Stop {
    do throws(TargetError) {
      targetChanged()
      try execution.resume(how)
      var reason = try execution.waitForStop(seconds: seconds)
      var isTimeUp = reason == nil
      if isTimeUp {
        try execution.interrupt()
        reason = try execution.waitForStop(seconds: 10)
        // Ctrl-C in the meantime: it is the user's stop.
        if Interrupt.shared.clear() { isTimeUp = false }
      }
      guard let reason else {
        throw TargetError(
          .timedOut, "the target did not stop within 10 s of being asked to",
          hint: "`detach` gives it up")
      }
      return noteStop(reason, isTimeUp: isTimeUp)
    } catch {
      throw SessionError(error)
    }
  }

  private func noteStop(_ reason: StopReason, isTimeUp: Bool) -> Stop {
    targetChanged()
    lastStop = reason
    let hits = hitBreakpoints(reason)
    let isOurs = isTimeUp && hits.isEmpty
    return Stop(reason: isOurs ? nil : reason, breakpoints: hits)
  }

  /// Counts the breakpoints where the CPU stands; temporary ones go.
  private func hitBreakpoints(_ reason: StopReason) -> [Int] {
    guard case .trap = reason.kind, !breakpoints.isEmpty,
      let pc = try? programCounter(of: reason.cpu),
      breakpoints.contains(where: { $0.address == pc })
    else { return [] }
    let space = (try? space(ofCPU: reason.cpu)) ?? .kernel
    let image = image(at: pc, in: space)?.image.name
    var hit: [Breakpoint] = []
    for index in breakpoints.indices
    where breakpoints[index].address == pc && breakpoints[index].isMeant(for: image) {
      breakpoints[index].hitCount += 1
      hit.append(breakpoints[index])
    }
    for breakpoint in hit where breakpoint.isTemporary {
      try? removeBreakpoint(breakpoint.number)
    }
    return hit.map(\.number)
  }

  /// Whether the target stopped at the address of a breakpoint that is meant for another image.
  private func isForeignHit(_ stop: Stop) throws(SessionError) -> Bool {
    guard stop.breakpoints.isEmpty, let reason = stop.reason, case .trap = reason.kind else {
      return false
    }
    return try isAtBreakpoint(reason.cpu)
  }

  func programCounter(of cpu: Int) throws(SessionError) -> Address {
    do {
      return Address(try target.registers(of: cpu)[architecture.programCounter] ?? 0)
    } catch {
      throw SessionError(error)
    }
  }

  private func isAtBreakpoint(_ cpu: Int) throws(SessionError) -> Bool {
    guard !breakpoints.isEmpty else { return false }
    let pc = try programCounter(of: cpu)
    return breakpoints.contains { $0.address == pc }
  }

  /// The address after the call instruction at the PC, or nil: it is no call.
  private func returnAddressOfCall(on cpu: Int) throws(SessionError) -> Address? {
    let pc = try programCounter(of: cpu)
    let reader = memory(in: try space(ofCPU: cpu))
    guard let word = try? reader.readUnsigned(pc, byteCount: 4) else { return nil }
    return AArch64Instruction(UInt32(truncatingIfNeeded: word)).isCall ? pc + 4 : nil
  }

  /// Runs until the call has returned: the same stack in the same space, on whatever CPU the thread
  /// is by then. Deeper returns to the same address (recursion) and other threads do not count.
  private func runToReturn(_ address: Address, on cpu: Int) throws(SessionError) -> Stop {
    let before = try stackPointer(of: cpu)
    let space = try space(ofCPU: cpu)
    let temporary = try insertOwn(SymbolicAddress(address: address), .software)
    defer { try? removeBreakpoint(temporary.number) }
    for _ in 0..<10_000 {
      let stop = try resume(seconds: nil)
      let others = stop.breakpoints.filter { $0 != temporary.number }
      guard let reason = stop.reason, stop.breakpoints.contains(temporary.number), others.isEmpty
      else { return Stop(reason: stop.reason, breakpoints: others) }
      guard try self.space(ofCPU: reason.cpu) == space else { continue }
      let stack = try stackPointer(of: reason.cpu)
      // Above it only when the call was left in another way: by unwinding.
      if stack == before || (reason.cpu == cpu && stack > before) {
        return Stop(reason: reason, breakpoints: [])
      }
    }
    throw SessionError("the call did not return within 10000 passes of \(address)")
  }

  private func stackPointer(of cpu: Int) throws(SessionError) -> UInt64 {
    do {
      return try target.registers(of: cpu)[architecture.stackPointer] ?? 0
    } catch {
      throw SessionError(error)
    }
  }
}

/// What stepping must know of an A64 instruction (Arm ARM, C4.1).
struct AArch64Instruction {
  let word: UInt32
  init(_ word: UInt32) { self.word = word }

  /// BL, BLR, or BLR with pointer authentication.
  var isCall: Bool {
    word & 0xfc00_0000 == 0x9400_0000 || word & 0xffff_fc1f == 0xd63f_0000
      || word & 0xfeff_f800 == 0xd63f_0800
  }
}
