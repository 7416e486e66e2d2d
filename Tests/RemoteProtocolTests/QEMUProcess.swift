import Binary
import Machine

@testable import RemoteProtocol

/// A QEMU of the test's own, without a kernel, with 64 MiB of RAM at 0x4000_0000.
final class QEMUProcess {
  let address: TargetAddress
  let child: ChildProcess

  /// nil: there is no QEMU here.
  init?(
    cpus: Int = 2, machine: [String] = ["virt", "-cpu", "cortex-a53", "-m", "64M"],
    overTCP: Bool = false
  ) {
    let name = "kscope-test-\(UInt64.random(in: 0...UInt64.max).hex())"
    let path = "/tmp/\(name).sock"
    let port = UInt16.random(in: 20_000...50_000)
    address = overTCP ? .tcp(host: "localhost", port: port) : .unix(path: path)
    let option = overTCP ? "tcp:127.0.0.1:\(port)" : "unix:\(path),server=on,wait=off"
    let arguments =
      ["qemu-system-aarch64", "-M"] + machine + ["-smp", "\(cpus)", "-display", "none"]
      + ["-monitor", "none", "-serial", "none", "-net", "none", "-gdb", option]
      + ["-S"]
    guard let child = try? ChildProcess(arguments, outputPath: "/dev/null") else { return nil }
    self.child = child
  }

  /// Leaves nothing behind, not even the socket of a QEMU that was killed.
  deinit {
    child.terminate()
    guard case .unix(let path) = address else { return }
    _ = try? ChildProcess(["rm", "-f", path], outputPath: "/dev/null")
  }

  /// Attaches as soon as QEMU listens.
  func attach(options: RemoteTarget.Options = .init()) throws -> RemoteTarget {
    let end = ContinuousClock.now + .seconds(20)
    var options = options
    let child = child
    options.keepsTrying = { ContinuousClock.now < end && !child.hasExited }
    return try RemoteTarget.connect(address, options: options)
  }

  static let isAvailable: Bool = {
    guard
      let child = try? ChildProcess(["qemu-system-aarch64", "--version"], outputPath: "/dev/null")
    else { return false }
    let end = ContinuousClock.now + .seconds(10)
    while !child.hasExited, ContinuousClock.now < end {}
    return child.exitStatus == 0
  }()
}
