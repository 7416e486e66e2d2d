import Debugger
import Expressions
import Machine

/// What plugin code can see of a target; a fake one stands in for it in tests.
protocol PluginEnvironment: AnyObject {
  /// Names of the kernel's image.
  var context: any EvaluationContext { get }
  func cpus() throws(LuaError) -> [Int]
  /// A register of a CPU, general or not; nil: it has none of that name.
  func register(_ name: String, of cpu: Int) throws(LuaError) -> UInt64?
  /// `function+offset file:line`; `root` is nil for the kernel's own space.
  func describe(_ address: Address, root: PhysicalAddress?) -> String
  /// An unsigned number in memory.
  func number(at address: Address, byteCount: Int, root: PhysicalAddress?) throws(LuaError)
    -> UInt64
  /// The page-table root that a CPU's lower half is translated with.
  func root(ofCPU cpu: Int) -> PhysicalAddress?
  /// Increases whenever the target has run.
  var stopCount: Int { get }
}

/// The session as plugins see it.
final class SessionEnvironment: PluginEnvironment {
  private let session: Session

  init(_ session: Session) { self.session = session }

  var context: any EvaluationContext { session.kernelContext() }

  func cpus() throws(LuaError) -> [Int] {
    do throws(TargetError) {
      return try session.target.cpus().map(\.id)
    } catch {
      throw LuaError(error.description)
    }
  }

  func register(_ name: String, of cpu: Int) throws(LuaError) -> UInt64? {
    do throws(TargetError) {
      if let value = try session.target.registers(of: cpu)[name] { return value }
      return try session.target.register(name, of: cpu)
    } catch {
      throw LuaError(error.description)
    }
  }

  func describe(_ address: Address, root: PhysicalAddress?) -> String {
    let space = root.map(AddressSpace.user(root:)) ?? .kernel
    return session.describe(address, in: space).summary
  }

  func number(
    at address: Address, byteCount: Int, root: PhysicalAddress?
  ) throws(LuaError) -> UInt64 {
    let space = root.map(AddressSpace.user(root:)) ?? .kernel
    do throws(MemoryError) {
      return try session.memory(in: space).readUnsigned(address, byteCount: byteCount)
    } catch {
      throw LuaError(error.description)
    }
  }

  func root(ofCPU cpu: Int) -> PhysicalAddress? {
    guard case .user(let root)? = try? session.space(ofCPU: cpu) else { return nil }
    return root
  }

  var stopCount: Int { session.target.execution?.stopCount ?? 0 }
}

extension SymbolicAddress {
  /// `function+0x1c file:line`; the bare address when nothing is known. An inlined function has no offset.
  var summary: String {
    guard let (function, source) = telling else { return address.description }
    let isWhole = function == container && offset != 0
    let place = isWhole ? "\(function)+0x\(String(offset, radix: 16))" : function
    guard let source else { return place }
    return "\(place) \(source)"
  }
}
