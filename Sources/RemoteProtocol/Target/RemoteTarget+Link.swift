public import Machine

extension RemoteTarget {
  /// What the line has done and cost so far.
  public var link: LinkReport? {
    let link = session.link
    var report = LinkReport()
    report.peer = link.peer
    report.mode =
      (link.acknowledges ? "acknowledged" : "without acknowledgements")
      + (link.mayPipeline ? ", pipelined" : "") + (link.isSuspect ? ", every read twice" : "")
    report.waitCount = link.traffic.waits
    report.sentPacketCount = link.traffic.sentPackets
    report.receivedPacketCount = link.packetCount
    report.sentByteCount = link.traffic.sentBytes
    report.receivedByteCount = link.traffic.receivedBytes
    report.damagedPacketCount = link.damagedCount
    report.resentPacketCount = link.traffic.resends
    report.resyncCount = link.resyncCount
    if let fit = link.model.fit() {
      report.roundTripSeconds = fit.latency
      if fit.secondsPerByte > 0 { report.bytesPerSecond = 1 / fit.secondsPerByte }
    }
    report.directMemory = session.isQEMU ? physical.directState : "no: the stub is not QEMU's"
    report.directByteCount = physical.directByteCount
    return report
  }
}
