public import Machine
import Symbols

/// Whether an image's code is what the target has in memory.
public enum ImageProof: Equatable, Sendable {
  /// All samples agree.
  case matches
  /// Code at this address differs from the file's.
  case differs(Address)
  /// Nothing could be compared, and why: not loaded yet, no space known, nothing readable.
  case unknown(String)
}

extension Session {
  /// Samples compared, spread over the executable segments, and the size of each.
  private static let sampleCount: UInt64 = 16
  private static let sampleByteCount = 32

  /// Compares samples of the image's code with the target's memory.
  public func proof(of loaded: LoadedImage) -> ImageProof {
    guard let memory = proofMemory(of: loaded) else {
      return .unknown("the space it is loaded in is not known")
    }
    let segments = loaded.image.segments.filter { $0.isExecutable }
    var compared = 0
    var problem = "it has no code"
    for segment in segments {
      let start = segment.addresses.lowerBound
      let size = segment.addresses.upperBound.rawValue &- start.rawValue
      let stride = max(size / Self.sampleCount & ~3, UInt64(Self.sampleByteCount))
      for offset in Swift.stride(from: 0, to: size, by: Int(clamping: stride)) {
        let fileAddress = start + UInt64(offset)
        guard let expected = loaded.image.contents(at: fileAddress, count: Self.sampleByteCount)
        else { continue }
        let address = loaded.address(of: fileAddress)
        switch code(at: address, in: memory) {
        case .success(let bytes) where bytes == expected.array: compared += 1
        case .success: return .differs(address)
        case .failure(let error): problem = error.description
        }
      }
    }
    return compared > 0 ? .matches : .unknown(problem)
  }

  /// Memory in which the image must be found, or nil: nobody knows which space has it.
  private func proofMemory(of loaded: LoadedImage) -> (any MemoryReader)? {
    if loaded.binding == .kernel { return memory(in: .kernel) }
    guard let space = spaces(of: loaded).min(), let root = knowledge?.root(ofSpace: space) else {
      return nil
    }
    return memory(in: .user(root: root))
  }

  private func code(
    at address: Address, in memory: any MemoryReader
  ) -> Result<[UInt8], MemoryError> {
    do throws(MemoryError) {
      return .success(try memory.read(address, count: Self.sampleByteCount))
    } catch {
      return .failure(error)
    }
  }
}
