import Expressions
public import Machine
import Symbols

/// What is known about how the target translates addresses, for one generation.
struct TranslationState {
  var generation = -1
  var kernel: Result<TranslatedMemory.Translation, MemoryError>?
  /// Set while the kernel's root is being looked for, so that the search does not need itself.
  var isSearching = false
}

extension Session {
  /// Memory of a space; reads go through kscope's own page-table walk where physical memory can be read.
  public func memory(in space: AddressSpace) -> any MemoryReader {
    if let known = spaceMemories[space] { return known }
    let reader: any MemoryReader
    if let physicalMemory {
      reader = TranslatedMemory(physicalMemory, generation: generation) {
        [unowned self] (address) throws(MemoryError) in
        try translation(of: address, in: space)
      }
    } else {
      reader = CPUMemory(session: self)
    }
    spaceMemories[space] = reader
    return reader
  }

  /// Where a byte of memory comes from when it is read now.
  public func provenance(of address: Address, in space: AddressSpace) -> Provenance {
    let provenance = memory(in: space).provenance(of: address)
    guard case .cached = provenance else { return provenance }
    // A dump does not move: what is kept of it is the dump.
    return target.execution == nil ? .dump : .cached(stop: stopCount)
  }

  /// Where the registers of CPUs come from.
  public var registerProvenance: Provenance {
    return target.execution == nil ? .dump : .cached(stop: stopCount)
  }

  /// The space that a CPU's lower half is in now; `.kernel` when it has none.
  public func space(ofCPU cpu: Int) throws(SessionError) -> AddressSpace {
    do {
      if let root = try systemRegister("ttbr0_el1", of: cpu) {
        let root = PhysicalAddress(root & 0x0000_ffff_ffff_f000)
        return root.rawValue == 0 ? .kernel : .user(root: root)
      }
    } catch {
      throw SessionError(error)
    }
    guard let id = knowledge?.currentSpace(ofCPU: cpu), let root = knowledge?.root(ofSpace: id)
    else { return .kernel }
    return .user(root: root)
  }

  /// Bits of a virtual address that are translated.
  public var addressBits: Int { (try? controlRegister())?.map { 64 - Int($0 & 63) } ?? 39 }

  private func translation(
    of address: Address, in space: AddressSpace
  ) throws(MemoryError) -> TranslatedMemory.Translation {
    if address.isInUpperHalf { return try kernelTranslation(for: address) }
    guard case .user(let root) = space else {
      if try isMMUOff() { return .identity }
      throw MemoryError(address, .noTranslation("no user space is selected"))
    }
    return .table(AArch64PageTable(root: root, addressBits: addressBits))
  }

  /// The upper half: TTBR1 where the target tells, else the kernel's own variable, else the segments
  /// of its image.
  private func kernelTranslation(
    for address: Address
  ) throws(MemoryError) -> TranslatedMemory.Translation {
    if translationState.generation != generation.number {
      translationState = TranslationState(generation: generation.number)
    }
    if let known = translationState.kernel { return try known.get() }
    if translationState.isSearching { return .pieces(imagePieces) }
    translationState.isSearching = true
    let found = findKernelTranslation()
    translationState.isSearching = false
    translationState.kernel = found
    // What was read with the pieces stays right: they are where the image was loaded.
    return try found.get()
  }

  private func findKernelTranslation() -> Result<TranslatedMemory.Translation, MemoryError> {
    do {
      for cpu in try target.cpus() {
        guard let control = try systemRegister("sctlr_el1", of: cpu.id), control & 1 == 1,
          let root = try systemRegister("ttbr1_el1", of: cpu.id)
        else { continue }
        let bits = try upperAddressBits(of: cpu.id)
        return .success(
          .table(AArch64PageTable(root: PhysicalAddress(root), addressBits: bits)))
      }
    } catch {
      return .failure(MemoryError(Address(0), .connectionLost(error.message)))
    }
    if let table = kernelTableFromVariable() { return .success(.table(table)) }
    return .success(.pieces(imagePieces))
  }

  /// A dump without system registers: the plugin names the variable that holds the root.
  private func kernelTableFromVariable() -> AArch64PageTable? {
    guard let expression = knowledge?.kernelRootExpression,
      let value = try? Expression(parsing: expression).evaluate(in: kernelContext()),
      let root = try? value.unsigned(), root != 0
    else { return nil }
    translationNote =
      "page-table root \(PhysicalAddress(root)) found through \(expression)"
      + " (the target has no system registers)"
    return AArch64PageTable(root: PhysicalAddress(root), addressBits: addressBits)
  }

  /// Where the kernel image's segments were loaded, by its program headers.
  private var imagePieces: [TranslatedMemory.Piece] {
    images.filter { $0.binding == .kernel }.flatMap { loaded in
      loaded.image.segments.map {
        TranslatedMemory.Piece(
          virtual: loaded.address(
            of: $0.addresses.lowerBound)..<loaded.address(of: $0.addresses.upperBound),
          physical: $0.physicalAddress)
      }
    }
  }

  /// TCR_EL1 of the first CPU, or nil: the target does not have it, or it was never set.
  private func controlRegister() throws(TargetError) -> UInt64? {
    guard let value = try systemRegister("tcr_el1", of: 0), value & 63 != 0 else { return nil }
    return value
  }

  /// 64 - T1SZ (Arm ARM, D19.2.139 "TCR_EL1").
  private func upperAddressBits(of cpu: Int) throws(TargetError) -> Int {
    guard let control = try systemRegister("tcr_el1", of: cpu) else { return addressBits }
    let size = Int(control >> 16 & 63)
    return (16...39).contains(size) ? 64 - size : addressBits
  }

  /// A system register by its architectural name; QEMU leaves the suffix of some names out (`SCTLR`).
  func systemRegister(_ name: String, of cpu: Int) throws(TargetError) -> UInt64? {
    if let value = try target.register(name, of: cpu) { return value }
    guard name.hasSuffix("_el1") else { return nil }
    return try target.register(String(name.dropLast(4)), of: cpu)
  }

  private func isMMUOff() throws(MemoryError) -> Bool {
    do {
      guard let control = try systemRegister("sctlr_el1", of: 0) else { return false }
      return control & 1 == 0
    } catch {
      throw MemoryError(Address(0), .connectionLost(error.message))
    }
  }
}

/// Memory as the selected CPU sees it: for stubs that give no physical memory.
final class CPUMemory: MemoryReader {
  private unowned let session: Session

  init(session: Session) { self.session = session }

  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    guard let reader = session.target.memory(of: session.selectedCPU) else {
      throw MemoryError(address, .notInDump)
    }
    return try reader.read(address, count: count)
  }

  func provenance(of address: Address) -> Provenance {
    session.target.memory(of: session.selectedCPU)?.provenance(of: address) ?? .live
  }
}
