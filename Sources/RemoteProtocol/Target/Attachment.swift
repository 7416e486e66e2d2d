import Machine

/// The first words with a stub: what it is, what it can do, which registers and CPUs it has.
struct Attachment {
  let session: RemoteSession
  let description: TargetDescription
  let architecture: Architecture
  let warnings: [String]

  init(_ link: RemoteLink, firstReplySeconds: Double) throws(TargetError) {
    session = RemoteSession(link)
    try session.greet(timeout: .seconds(firstReplySeconds))
    if session.features.has("QStartNoAckMode"), link.isReliable {
      try Self.stopAcknowledging(session)
    }
    var warnings: [String] = []
    let described = try Self.describe(session, &warnings)
    session.begin(try Self.whyStopped(session))
    if case .exited = session.state {
      throw TargetError(
        .exited, "\(link.peer) has no target: it has ended, or none was started",
        hint: "start the guest and attach again")
    }
    session.resumeActions = try Self.resumeActions(session)
    try session.listThreads()
    guard !session.threads.isEmpty else {
      throw TargetError(.cannotConnect, "\(link.peer) is a stub without any CPU")
    }
    if Self.mayBeQEMU(session, described) { try session.detectQEMU() }
    architecture = try Self.architecture(described, session)
    description = described ?? TargetDescription(core: architecture)
    self.warnings = warnings
    session.isAttaching = false
  }

  private static func stopAcknowledging(_ session: RemoteSession) throws(TargetError) {
    do throws(RequestError) {
      try session.perform(StartNoAckMode())
      session.link.acknowledges = false
    } catch .target(let error) {
      throw error
    } catch {
      // Offered and refused: acknowledgements go on.
    }
  }

  private static func whyStopped(_ session: RemoteSession) throws(TargetError) -> StopReply {
    do throws(RequestError) {
      return try session.perform(WhyStopped())
    } catch .target(let error) {
      throw error
    } catch {
      throw TargetError(
        .cannotConnect, "\(session.link.peer) speaks GDB's protocol but has no target",
        hint: "is it a platform server? give the address of a stub with a target")
    }
  }

  private static func resumeActions(_ session: RemoteSession) throws(TargetError) -> Set<String> {
    do throws(RequestError) {
      return try session.perform(ResumeActions())
    } catch .target(let error) {
      throw error
    } catch {
      return []
    }
  }

  /// QEMU's own features, or what its `qSupported` looks like; other stubs are not asked, because
  /// some end on a packet that they do not know.
  private static func mayBeQEMU(
    _ session: RemoteSession, _ description: TargetDescription?
  ) -> Bool {
    description?.features.contains { $0.hasPrefix("org.qemu.") } == true
      || (session.features.packetSize == 0x1000 && session.features.has("vContSupported"))
  }

  /// nil: the stub gives no description (that can be used).
  private static func describe(
    _ session: RemoteSession, _ warnings: inout [String]
  ) throws(TargetError) -> TargetDescription? {
    guard session.features.has("qXfer:features:read") else { return nil }
    do throws(DescriptionFailure) {
      let reader = FeatureReader(session)
      let description = try TargetDescription(fetch: reader.document)
      session.link.canary = reader.canary ?? session.link.canary
      return description
    } catch {
      switch error {
      case .fetch(let error) where error.kind != .refused && error.kind != .unsupported:
        throw error
      case .fetch(let error):
        warnings.append("no target description: \(error.message)")
      case .description(let error):
        warnings.append("the stub's target description is unusable (\(error))")
      }
      return nil
    }
  }

  private static func architecture(
    _ description: TargetDescription?, _ session: RemoteSession
  ) throws(TargetError) -> Architecture {
    let known = Architecture.aarch64
    guard let name = description?.architecture else {
      // Without a description only the size of `g` tells: 31 x, sp, pc, cpsr and perhaps more.
      if description?.entry(named: "x30") != nil { return known }
      let size = try registerByteCount(session)
      if size == 268 || size == 788 { return known }
      throw TargetError(.unsupported, "\(session.link.peer) does not say what machine it is")
    }
    guard name == known.name else {
      throw TargetError(
        .unsupported, "\(session.link.peer) is a machine of architecture \(name)",
        hint: "kscope knows \(known.name)")
    }
    return known
  }

  private static func registerByteCount(_ session: RemoteSession) throws(TargetError) -> Int {
    do throws(RequestError) {
      try session.select(session.threads[0])
      return try session.perform(ReadRegisters(maximumByteCount: 1 << 16)).count
    } catch .target(let error) {
      throw error
    } catch {
      return 0
    }
  }
}

/// Fetches the documents of a target description.
private final class FeatureReader {
  private let session: RemoteSession
  private var opening: [UInt8] = []

  init(_ session: RemoteSession) { self.session = session }

  func document(_ annex: String) throws(TargetError) -> [UInt8] {
    // The annex becomes part of a packet; QEMU's names are plain.
    guard annex.utf8.count <= 256, !annex.utf8.contains(where: { $0 < 0x21 || $0 == 0x3a }) else {
      throw TargetError(.refused, "bad name of a document in the target description")
    }
    var bytes: [UInt8] = []
    while true {
      // Short packets have a chance on a line that damages bytes.
      let largest = session.link.isSuspect ? session.link.quality.chunkByteCount : 0x1000
      let count = min(max(session.features.packetSize - 5, 64), largest)
      let request = ReadFeatures(annex: annex, offset: bytes.count, count: count)
      do throws(RequestError) {
        let part = try session.perform(request)
        bytes += part.bytes
        if part.isLast { break }
      } catch { throw error.targetError("read \(annex)") }
      guard bytes.count <= TargetDescription.byteLimit else {
        throw TargetError(.refused, "\(annex) is larger than \(TargetDescription.byteLimit) bytes")
      }
    }
    if annex == "target.xml" {
      opening = bytes
      // From now on there is a question that cannot be mistaken.
      session.link.canary = canary ?? session.link.canary
    }
    return bytes
  }

  /// The first bytes of the description, another number of them each time: an answer that belongs
  /// to no other question.
  var canary: ((Int) -> RemoteLink.Canary)? {
    guard opening.count > 128 else { return nil }
    let opening = self.opening
    return { attempt in
      let count = 16 + attempt * 7 % 32
      let request = ReadFeatures(annex: "target.xml", offset: 0, count: count)
      let answer = [UInt8(ascii: "m")] + opening.prefix(count)
      return RemoteLink.Canary(
        request: request.payload, isAnswer: { $0 == answer }, isUnmistakable: true)
    }
  }
}
