public import Machine

extension RemoteTarget: BreakpointControl {
  public func insert(_ kind: BreakpointKind, at address: Address) throws(TargetError) {
    guard !insertions.contains(where: { $0.asked == kind && $0.address == address }) else { return }
    do throws(RequestError) {
      try session.setPhysicalMode(false)
      var used = kind
      do throws(RequestError) {
        try session.perform(InsertBreakpoint(kind: kind, address: address))
      } catch .reply(.unsupported) {
        used = kind == .software ? .hardware : .software
        try session.perform(InsertBreakpoint(kind: used, address: address))
      }
      insertions.append(Insertion(asked: kind, used: used, address: address))
    } catch { throw error.targetError("insert a breakpoint at \(address)") }
  }

  public func remove(_ kind: BreakpointKind, at address: Address) throws(TargetError) {
    guard
      let index = insertions.firstIndex(where: { $0.asked == kind && $0.address == address })
    else { return }
    do throws(RequestError) {
      try session.perform(RemoveBreakpoint(kind: insertions[index].used, address: address))
    } catch { throw error.targetError("remove the breakpoint at \(address)") }
    insertions.remove(at: index)
  }
}
