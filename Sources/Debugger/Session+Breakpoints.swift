public import Machine
import Symbols

extension Session {
  /// `function`, `file:line`, or `*ADDRESS`, in any image; several places of one name are several breakpoints.
  public func addBreakpoint(
    _ specification: String, isTemporary: Bool, kind: BreakpointKind
  ) throws(SessionError) -> [Breakpoint] {
    var made: [Breakpoint] = []
    for place in try places(of: specification) {
      made.append(
        try insert(place, specification: specification, isTemporary: isTemporary, kind: kind))
    }
    return made
  }

  public func removeBreakpoint(_ number: Int) throws(SessionError) {
    guard let index = breakpoints.firstIndex(where: { $0.number == number }) else {
      throw SessionError(
        "there is no breakpoint \(number)", hint: "`info breakpoints` lists them")
    }
    uninsert(breakpoints.remove(at: index))
  }

  /// The running addresses that a specification names; never empty.
  public func addresses(of specification: String) throws(SessionError) -> [Address] {
    try places(of: specification).map(\.address)
  }

  /// The places that a specification names; never empty.
  private func places(of specification: String) throws(SessionError) -> [SymbolicAddress] {
    if specification.hasPrefix("*") {
      let address = try evaluateAddress(String(specification.dropFirst()))
      return [describe(address, in: (try? selection().space) ?? .kernel)]
    }
    if let colon = specification.lastIndex(of: ":"),
      let line = Int(specification[specification.index(after: colon)...]), line > 0,
      !specification[..<colon].hasSuffix(":")
    {
      return try places(file: String(specification[..<colon]), line: line)
    }
    return try places(ofFunction: specification)
  }

  private func places(file: String, line: Int) throws(SessionError) -> [SymbolicAddress] {
    var found: [SymbolicAddress] = []
    for loaded in images {
      do {
        found += try loaded.image.addresses(file: file, line: line).map {
          describe(loaded.address(of: $0), in: loaded)
        }
      } catch {
        throw SessionError("\(error)", hint: error.hint)
      }
    }
    guard !found.isEmpty else {
      throw SessionError(
        "no code for line \(line) of \(file) in any image", hint: "`info images` lists the images")
    }
    return found
  }

  private func places(ofFunction name: String) throws(SessionError) -> [SymbolicAddress] {
    var found: [SymbolicAddress] = []
    for loaded in images {
      do {
        for function in try loaded.image.functions(named: name) {
          let start = try loaded.image.addressAfterPrologue(of: function)
          found.append(describe(loaded.address(of: start), in: loaded))
        }
      } catch {
        throw SessionError("\(error)", hint: error.hint)
      }
    }
    guard !found.isEmpty else {
      let near = images.flatMap { $0.image.completions(of: name, limit: 3) }
      throw SessionError(
        "no function \(name) in any image",
        hint: near.isEmpty ? nil : "did you mean \(near.joined(separator: ", "))?")
    }
    return found
  }

  func insert(
    _ place: SymbolicAddress, specification: String, isTemporary: Bool, kind: BreakpointKind
  ) throws(SessionError) -> Breakpoint {
    let address = place.address
    guard let control = target.breakpoints else {
      throw SessionError("\(target.summary) is a dump: it has no breakpoints")
    }
    if !isInserted(address, kind) {
      do { try control.insert(kind, at: address) } catch { throw SessionError(error) }
    }
    let breakpoint = Breakpoint(
      number: nextBreakpointNumber, address: address, place: place, specification: specification,
      isTemporary: isTemporary, kind: kind, hitCount: 0)
    nextBreakpointNumber += 1
    breakpoints.append(breakpoint)
    return breakpoint
  }

  /// Takes it out of the target unless another one stands at the same place. Best effort: the target
  /// may be gone.
  func uninsert(_ breakpoint: Breakpoint) {
    let isShared = breakpoints.contains {
      $0.number != breakpoint.number && $0.address == breakpoint.address
        && $0.kind == breakpoint.kind
    }
    if !isShared { try? target.breakpoints?.remove(breakpoint.kind, at: breakpoint.address) }
  }

  private func isInserted(_ address: Address, _ kind: BreakpointKind) -> Bool {
    breakpoints.contains { $0.address == address && $0.kind == kind }
  }
}
