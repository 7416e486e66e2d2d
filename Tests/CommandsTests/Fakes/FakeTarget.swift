import Machine

/// A stopped machine with one CPU whose registers are all known; memory is given.
final class FakeTarget: Target, Execution {
  var summary = "fake target"
  let architecture = Architecture.aarch64
  var general = RegisterValues()
  var memoryReader: (any MemoryReader)?
  private(set) var resumptions: [Resumption] = []
  /// What `waitForStop` returns, first to last; then nil.
  var stops: [StopReason] = []
  var stopCount = 0
  var isRunning = false
  let wasRunningAtAttach = false
  var breakpoints: (any BreakpointControl)? { nil }
  var monitor: (any Monitor)? { FakeMonitor() }
  var execution: (any Execution)? { self }
  var physicalMemory: (any PhysicalMemory)? { nil }
  var registerDescriptions: [Register] {
    architecture.registers + [Register(name: "ttbr0_el1", byteCount: 8, group: "system")]
  }

  init() {
    for (index, register) in architecture.registers.enumerated() {
      general[register.name] = UInt64(index)
    }
    general["pc"] = 0x1000
    general["sp"] = 0x8000
  }

  func cpus() throws(TargetError) -> [CPU] { [CPU(id: 0, detail: "says \u{1b}[2J")] }
  func registers(of cpu: Int) throws(TargetError) -> RegisterValues { general }
  func register(_ name: String, of cpu: Int) throws(TargetError) -> UInt64? {
    name == "ttbr0_el1" ? 0 : nil
  }
  func memory(of cpu: Int) -> (any MemoryReader)? { memoryReader }
  func close() {}
  func resume(_ how: Resumption) throws(TargetError) { resumptions.append(how) }
  func waitForStop(seconds: Double?) throws(TargetError) -> StopReason? {
    stopCount += 1
    return stops.isEmpty ? nil : stops.removeFirst()
  }
  func interrupt() throws(TargetError) { stops.append(StopReason(.interrupt, cpu: 0)) }
  func writeRegister(_ name: String, value: UInt64, of cpu: Int) throws(TargetError) {}
}

struct FakeMonitorAnswer { static let text = "fine \u{1b}]0;title\u{7}\r\nline two" }

final class FakeMonitor: Monitor {
  func command(_ line: String) throws(TargetError) -> String { FakeMonitorAnswer.text }
}
