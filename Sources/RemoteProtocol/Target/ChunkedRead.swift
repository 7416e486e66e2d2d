import Machine

/// Reads of memory by packets, virtual or physical, as many under way at once as the stub stands.
struct ChunkedRead {
  static let byteLimit = 64 << 20
  /// QEMU answers no more than 0x800 bytes to one `m`.
  static let chunkLimit = 0x800
  /// So many chunks are followed by a question whose answer has another length than theirs.
  static let segmentCount = 16

  let session: RemoteSession

  typealias Part = (address: UInt64, count: Int)

  struct Failure: Error {
    let address: UInt64
    let error: RequestError
  }

  /// All bytes; an error carries the address of the chunk that failed.
  func bytes(at address: UInt64, count: Int) throws(Failure) -> [UInt8] {
    guard count > 0 else { return [] }
    let (parts, failure) = read([(address, count)])
    if let failure { throw failure }
    return parts[0] ?? []
  }

  /// Each part by itself; nil: it could not be read.
  func parts(_ parts: [Part]) -> [[UInt8]?] { read(parts).parts }

  private func read(_ parts: [Part]) -> (parts: [[UInt8]?], failure: Failure?) {
    var result = Reading(parts: parts.map { _ in [] })
    for (index, part) in parts.enumerated() { result.parts[index]?.reserveCapacity(part.count) }
    let chunks = chunks(of: parts)
    var done = 0
    do throws(Failure) {
      if chunks.count > 1 { done = try pipelined(chunks, into: &result) }
      while done < chunks.count {
        result.take(try one(chunks[done]), chunks[done])
        done += 1
      }
    } catch {
      // Nothing more can be had: the line is gone, or the user does not want to wait.
      for chunk in chunks[done...] { result.parts[chunk.part] = nil }
      return (result.parts, error)
    }
    return (result.parts, result.failure)
  }

  /// What has been read so far.
  private struct Reading {
    /// In order; nil for a part that cannot be read.
    var parts: [[UInt8]?]
    var failure: Failure?

    mutating func take(_ result: Result<[UInt8], Failure>, _ chunk: Chunk) {
      switch result {
      case .success(let bytes): parts[chunk.part]?.append(contentsOf: bytes)
      case .failure(let error):
        parts[chunk.part] = nil
        failure = failure ?? error
      }
    }
  }

  /// What one packet asks for.
  private struct Chunk {
    let part: Int
    let request: ReadMemory
  }

  /// Never more than one page at a time: a page that is not there must not cost its neighbour.
  private func chunks(of parts: [Part]) -> [Chunk] {
    let largest = session.link.isSuspect ? session.link.quality.chunkByteCount : Self.chunkLimit
    // QEMU's size is that of the reply's digits; others count the frame too.
    let room = session.features.packetSize - (session.isQEMU ? 0 : 4)
    let limit = max(1, min(largest, room / 2))
    var chunks: [Chunk] = []
    for (index, part) in parts.enumerated() {
      var offset = 0
      while offset < part.count {
        let start = part.address &+ UInt64(offset)
        let length = min(part.count - offset, limit, 0x1000 - Int(start & 0xfff))
        chunks.append(Chunk(part: index, request: ReadMemory(address: start, count: length)))
        offset += length
      }
    }
    return chunks
  }

  // MARK: Many at once

  /// Returns how many chunks are done; the others must be asked for one by one.
  ///
  /// A reply carries no number: one that came twice would stand for the next one. So a marker
  /// follows each segment, whose answer has a length of its own and repeats known bytes, and nothing
  /// of a segment counts before its marker is right.
  private func pipelined(
    _ chunks: [Chunk], into result: inout Reading
  ) throws(Failure) -> Int {
    let segments = stride(from: 0, to: chunks.count, by: Self.segmentCount).map {
      chunks[$0..<min($0 + Self.segmentCount, chunks.count)]
    }
    let stride = Self.segmentCount + 1
    var reading = result
    result.parts = []  // So that the arrays have one owner and grow in place.
    var open: [Result<[UInt8], Failure>] = []
    var done = 0
    do throws(TargetError) {
      try session.checkStopped()
      _ = try session.link.pipeline(chunks.count + segments.count) { index in
        let segment = segments[index / stride]
        let place = segment.startIndex + index % stride
        return place < segment.endIndex
          ? chunks[place].request.payload : Self.marker(segment).payload
      } take: { index, reply in
        let segment = segments[index / stride]
        let place = segment.startIndex + index % stride
        if place < segment.endIndex {
          guard let answer = Self.answer(reply, to: chunks[place]) else { return false }
          open.append(answer)
          return true
        }
        guard Self.isRight(reply, segment, open.last) else { return false }
        for (chunk, answer) in zip(segment, open) { reading.take(answer, chunk) }
        done += segment.count
        open.removeAll(keepingCapacity: true)
        return true
      }
    } catch {
      result = reading
      let next = chunks[min(done, chunks.count - 1)].request.address
      throw Failure(address: next, error: .target(error))
    }
    result = reading
    return done
  }

  /// The first bytes of the segment's last chunk again, in a number that no chunk there has.
  private static func marker(_ segment: ArraySlice<Chunk>) -> ReadMemory {
    let counts = Set(segment.map(\.request.count))
    let count = (1...segmentCount + 1).first { !counts.contains($0) } ?? 1
    return ReadMemory(address: segment[segment.endIndex - 1].request.address, count: count)
  }

  private static func isRight(
    _ reply: [UInt8], _ segment: ArraySlice<Chunk>, _ last: Result<[UInt8], Failure>?
  ) -> Bool {
    let marker = marker(segment)
    guard case .success(let bytes)? = last else {
      // A chunk that cannot be read: its beginning may be refused too.
      return (try? marker.answer(reply)) != nil || isRefusal(reply)
    }
    guard let answer = try? marker.answer(reply) else { return bytes.count < marker.count }
    return zip(answer, bytes).allSatisfy(==)
  }

  /// nil: no answer to this chunk.
  private static func answer(_ reply: [UInt8], to chunk: Chunk) -> Result<[UInt8], Failure>? {
    do throws(ReplyError) {
      return .success(try chunk.request.answer(reply))
    } catch {
      if case .malformed = error { return nil }
      return .failure(Failure(address: chunk.request.address, error: .reply(error)))
    }
  }

  private static func isRefusal(_ reply: [UInt8]) -> Bool {
    do throws(ReplyError) { try checkError(reply) } catch { return true }
    return false
  }

  // MARK: One by one

  /// Throws only when nothing more can be had.
  private func one(_ chunk: Chunk) throws(Failure) -> Result<[UInt8], Failure> {
    if Interrupt.shared.isRequested {
      let error = RequestError.target(TargetError(.interrupted, "interrupted"))
      throw Failure(address: chunk.request.address, error: error)
    }
    do throws(RequestError) {
      return .success(try session.perform(chunk.request))
    } catch {
      let failure = Failure(address: chunk.request.address, error: error)
      if case .reply = error { return .failure(failure) }
      throw failure
    }
  }
}
