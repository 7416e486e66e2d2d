import Machine

extension RemoteSession {
  static let threadLimit = 65_536
  static let monitorByteLimit = 16 << 20

  /// Asks for all threads; a stub that has no list has one nameless CPU.
  func listThreads() throws(TargetError) {
    var attempts = 0
    while true {
      attempts += 1
      do throws(TargetError) {
        return try listThreadsOnce()
      } catch {
        // A part that is lost cannot be asked for again, but the list can.
        guard error.kind == .timedOut, attempts < 5 else { throw error }
      }
    }
  }

  private func listThreadsOnce() throws(TargetError) {
    var found: Set<ThreadID> = []
    do throws(RequestError) {
      var part = try perform(FirstThreads())
      while let threads = part {
        let count = found.count
        found.formUnion(threads)
        guard found.count > count, found.count <= Self.threadLimit else {
          throw .reply(.malformed("a thread list without end"))
        }
        part = try perform(NextThreads())
      }
    } catch .reply(.unsupported) where found.isEmpty {
      found = [ThreadID(process: nil, thread: 1)]
    } catch { throw error.targetError("list its CPUs") }
    threads = found.sorted()
  }

  /// The text that the stub's command line answers to a line that changes nothing: it may be asked
  /// more than once, and over a bad line the same text must come twice.
  func query(_ line: String) throws(TargetError) -> String {
    var attempts = 0
    var last: String?
    while true {
      attempts += 1
      do throws(TargetError) {
        let text = try monitor(
          line, timeout: link.isSuspect ? .seconds(2) : .seconds(10), mayCollapse: true)
        if !link.isSuspect || text == last { return text }
        last = text
      } catch {
        guard error.kind == .timedOut, attempts < 12, link.isSuspect else { throw error }
      }
      guard attempts < 12 else {
        throw TargetError(.timedOut, "\(link.peer) never says the same twice to `\(line)`")
      }
    }
  }

  /// The text that the stub's command line answers.
  func monitor(
    _ line: String, timeout: Duration = .seconds(120), mayCollapse: Bool = false
  ) throws(TargetError) -> String {
    try checkStopped()
    let request = MonitorCommand(line: line)
    var output: [UInt8] = []
    var last: [UInt8] = []
    let reply = try link.exchange(
      request.payload, isIdempotent: false, timeout: timeout,
      isAside: { payload in
        guard let text = ConsoleOutput.decode(payload) else { return false }
        // A bad line may have said it twice.
        if mayCollapse, link.isSuspect, payload == last { return true }
        last = payload
        if output.count < Self.monitorByteLimit { output += text }
        return true
      })
    do throws(ReplyError) {
      output += try request.answer(reply)
    } catch { throw RequestError.reply(error).targetError("carry out `\(line)`") }
    return text(output)
  }
}
