public import Binary
import ELF
public import Machine

/// An ELF core as a target: what QEMU's `dump-guest-memory` writes, or `gcore`.
///
/// The file is mapped, not read, so opening takes no time. Physical memory is what the segments say
/// of `p_paddr`; virtual memory is offered only where `p_vaddr` says something else.
public final class CoreTarget: Target {
  public let summary: String
  public let architecture = Architecture.aarch64
  public let physicalMemory: (any PhysicalMemory)?
  /// What is wrong with the file and can be lived with; one line each, not escaped.
  public let warnings: [String]

  private let virtualMemory: (any MemoryReader)?
  private let statuses: [CPUStatus]

  /// Opens the core at `path`.
  public static func open(_ path: String) throws(TargetError) -> CoreTarget {
    let bytes: Bytes
    do throws(SystemError) {
      bytes = try Bytes(mapping: path)
    } catch {
      throw TargetError(.cannotConnect, "cannot open the dump \(path): \(error.reason)")
    }
    return try CoreTarget(bytes, path: path)
  }

  /// Takes a core's bytes; `path` is for messages.
  public init(_ bytes: Bytes, path: String) throws(TargetError) {
    let file = try Self.core(bytes, path: path)
    let loads = file.segments.filter(\.isLoad)
    let notes = file.notes()
    let (statuses, badNoteCount) = CPUStatus.all(in: notes)
    let size = UInt64(bytes.count)

    var warnings = file.problems.map { "\(path): \($0)" }
    for segment in file.segments where segment.isNote {
      if let problem = file.notes(in: segment).problem { warnings.append("\(path): \(problem)") }
    }
    if badNoteCount > 0 { warnings.append("\(path): \(badNoteCount) CPU notes of a wrong size") }
    if statuses.isEmpty { warnings.append("\(path): no registers of any CPU in it") }
    let end = loads.map { $0.offset.addingReportingOverflow($0.fileByteCount) }
      .map { $0.overflow ? UInt64.max : $0.partialValue }.max()
    if let end, end > size {
      warnings.append("\(path): the file is cut at \(size.hex()), it should end at \(end.hex())")
    }
    self.warnings = warnings
    self.statuses = statuses
    summary = "dump \(path)"

    // User-space cores and gcore leave p_paddr zero everywhere.
    let hasPhysical = loads.contains { $0.physicalAddress != 0 }
    let hasVirtual = loads.contains { $0.virtualAddress != $0.physicalAddress }
    physicalMemory =
      hasPhysical || !hasVirtual
      ? CorePhysicalMemory(CoreMemory(bytes, loads, at: \.physicalAddress)) : nil
    virtualMemory =
      hasVirtual ? CoreVirtualMemory(CoreMemory(bytes, loads, at: \.virtualAddress)) : nil
  }

  private static func core(_ bytes: Bytes, path: String) throws(TargetError) -> ELFFile {
    if let format = DumpFormat(bytes) {
      throw TargetError(
        .unsupported, "\(path) is \(format.rawValue), which is not supported",
        hint: "make an ELF core: dump-guest-memory FILE without -z, -l, -s and -w")
    }
    let file: ELFFile
    do throws(ELFError) {
      file = try ELFFile(bytes, path: path)
    } catch {
      throw TargetError(.cannotConnect, "\(path) is no dump: \(error)")
    }
    guard file.header.type == .core else {
      let isProgram = file.header.type == .executable || file.header.type == .shared
      throw TargetError(
        .cannotConnect, "\(path) is \(isProgram ? "an executable" : "an ELF file"), not a dump",
        hint: isProgram ? "give it with -k" : nil)
    }
    let wanted = Architecture.aarch64
    guard file.header.machine == wanted.elfMachine, file.header.is64Bit,
      file.header.endianness == wanted.endianness
    else {
      throw TargetError(
        .unsupported, "\(path) is a dump of another machine (e_machine \(file.header.machine))",
        hint: "kscope knows \(wanted.name)")
    }
    guard file.segments.contains(where: \.isLoad) else {
      let why = file.problems.first.map { "\($0)" } ?? "it has no PT_LOAD segment"
      throw TargetError(.cannotConnect, "no memory in the dump \(path): \(why)")
    }
    return file
  }

  public func cpus() throws(TargetError) -> [CPU] {
    statuses.enumerated().map { id, status in
      CPU(id: id, detail: status.isRecorded ? "" : "registers not recorded")
    }
  }

  public func registers(of cpu: Int) throws(TargetError) -> RegisterValues {
    guard statuses.indices.contains(cpu) else {
      throw TargetError(.refused, "there is no CPU \(cpu) in the dump")
    }
    return statuses[cpu].values
  }

  /// A core has the general registers only.
  public func register(_ name: String, of cpu: Int) throws(TargetError) -> UInt64? {
    try registers(of: cpu)[name]
  }

  public var registerDescriptions: [Register] { architecture.registers }

  public func memory(of cpu: Int) -> (any MemoryReader)? { virtualMemory }

  public var execution: (any Execution)? { nil }
  public var breakpoints: (any BreakpointControl)? { nil }
  public var monitor: (any Monitor)? { nil }
  public func close() {}
}
