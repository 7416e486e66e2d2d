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
        switch codeInTarget(of: loaded, at: address) {
        case .success(let bytes) where bytes == expected.array: compared += 1
        case .success: return .differs(address)
        case .failure(let error): problem = error.description
        }
      }
    }
    return compared > 0 ? .matches : .unknown(problem)
  }

  private func codeInTarget(
    of loaded: LoadedImage, at address: Address
  ) -> Result<[UInt8], MemoryError> {
    let memory = memory(of: loaded, near: try? selection().space)
    do throws(MemoryError) {
      return .success(try memory.read(address, count: Self.sampleByteCount))
    } catch {
      return .failure(error)
    }
  }
}
