public import DWARF
public import Machine
import Symbols
public import Unwinder

extension Session {
  /// The CPU or thread that commands look at. After each stop: the CPU that stopped.
  public func selection() throws(SessionError) -> Selection {
    if let currentSelection { return currentSelection }
    let selection = try selection(ofCPU: lastStoppedCPU)
    currentSelection = selection
    return selection
  }

  public func select(_ selection: Selection) {
    currentSelection = selection
    selectedFrame = 0
  }

  /// A CPU as it is now.
  public func selection(ofCPU cpu: Int) throws(SessionError) -> Selection {
    do {
      guard try target.cpus().contains(where: { $0.id == cpu }) else {
        throw SessionError("there is no CPU \(cpu)", hint: "`cpus` lists them")
      }
      let registers = try target.registers(of: cpu)
      return Selection(
        subject: .cpu(cpu), registers: registers, space: try space(ofCPU: cpu))
    } catch let error as TargetError {
      throw SessionError(error)
    } catch let error as SessionError {
      throw error
    } catch {
      throw SessionError("\(error)")
    }
  }

  /// The selected CPU; for a selected thread, the one that stopped last.
  public var selectedCPU: Int {
    if case .cpu(let cpu)? = currentSelection?.subject { return cpu }
    return lastStoppedCPU
  }

  public func backtrace(of selection: Selection, limit: Int) -> Backtrace {
    if let cache = backtraceCache, cache.generation == generation.number,
      cache.selection == selection.subject,
      cache.trace.frames.count >= limit || !cache.trace.isCut
    {
      let frames = cache.trace.frames.prefix(limit)
      let isCut = frames.count < cache.trace.frames.count
      return Backtrace(frames: Array(frames), end: isCut ? .limit(limit) : cache.trace.end)
    }
    if case .cpu(let cpu) = selection.subject { walkedCPU = cpu }
    defer { walkedCPU = nil }
    let trace = StackWalk(in: self)
      .backtrace(from: selection.registers, in: selection.space, limit: limit)
    if trace.end != .interrupted {
      backtraceCache = (generation.number, selection.subject, trace)
    }
    return trace
  }

  /// The frame that names and registers are looked up in.
  public func frame() throws(SessionError) -> Frame {
    // One more than asked for: walking past a frame is what tells its own address.
    let trace = backtrace(of: try selection(), limit: max(selectedFrame, 0) + 2)
    guard selectedFrame < trace.frames.count else {
      throw SessionError(
        "there is no frame \(selectedFrame)", hint: "`bt` lists the frames there are")
    }
    return trace.frames[selectedFrame]
  }
}

extension Backtrace {
  /// Whether more frames may follow.
  var isCut: Bool { if case .limit = end { true } else { false } }
}

extension Session: UnwindEnvironment {
  public func unwindRow(at address: Address, in space: AddressSpace) -> UnwindRow? {
    guard let loaded = image(at: address, in: space) else { return nil }
    return try? loaded.image.unwindRow(at: loaded.fileAddress(of: address))
  }

  public func isCode(_ address: Address, in space: AddressSpace) -> Bool {
    guard let loaded = image(at: address, in: space) else { return false }
    let fileAddress = loaded.fileAddress(of: address)
    return loaded.image.segments.contains { $0.isExecutable && $0.addresses.contains(fileAddress) }
  }

  public func evaluate(_ expression: [UInt8], cfa: UInt64?, in frame: Frame) -> UInt64? {
    let context = FrameExpressionContext(session: self, frame: frame, frameBaseExpression: nil)
    return try? DWARFExpression.number(expression, in: context, stack: cfa.map { [$0] } ?? [])
  }
}
