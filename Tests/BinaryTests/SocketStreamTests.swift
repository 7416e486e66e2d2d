import Binary
import Testing

@Suite struct SocketStreamTests {
  private var soon: ContinuousClock.Instant { .now + .milliseconds(20) }

  @Test func carriesBytesBothWays() throws {
    let (a, b) = try SocketStream.pair()
    var buffer: [UInt8] = []
    try a.write([1, 2, 3], deadline: soon)
    #expect(try b.read(into: &buffer, deadline: soon) == .bytes)
    try b.write([4], deadline: soon)
    #expect(try a.read(into: &buffer, deadline: soon) == .bytes)
    #expect(buffer == [1, 2, 3, 4])
  }

  @Test func waitsNoLongerThanTold() throws {
    let (a, b) = try SocketStream.pair()
    var buffer: [UInt8] = []
    let start = ContinuousClock.now
    #expect(try a.read(into: &buffer, deadline: start + .milliseconds(30)) == .timedOut)
    let waited = ContinuousClock.now - start
    #expect(waited >= .milliseconds(30) && waited < .seconds(2))
    #expect(try a.read(into: &buffer, deadline: start) == .timedOut)
    b.close()
  }

  @Test func aWakeEndsTheWait() throws {
    let (a, b) = try SocketStream.pair()
    let pipe = WakePipe()
    var buffer: [UInt8] = []
    pipe.wake()
    #expect(try a.read(into: &buffer, deadline: nil, wake: pipe.readEnd) == .woken)
    // Bytes come before the wake.
    try b.write([7], deadline: soon)
    #expect(try a.read(into: &buffer, deadline: nil, wake: pipe.readEnd) == .bytes)
    pipe.drain()
    #expect(try a.read(into: &buffer, deadline: soon, wake: pipe.readEnd) == .timedOut)
    #expect(buffer == [7])
  }

  @Test func aPeerThatIsGone() throws {
    let (a, b) = try SocketStream.pair()
    try b.write([9], deadline: soon)
    b.close()
    b.close()
    var buffer: [UInt8] = []
    #expect(try a.read(into: &buffer, deadline: soon) == .bytes)
    #expect(try a.read(into: &buffer, deadline: nil) == .ended)
    // An error, not SIGPIPE.
    #expect(throws: SystemError.self) { try a.write([1], deadline: soon) }
    a.close()
    #expect(try a.read(into: &buffer, deadline: nil) == .ended)
    #expect(throws: SystemError.self) { try a.write([1], deadline: soon) }
  }

  @Test func aPeerThatDoesNotReadEndsInATimeOut() throws {
    let (a, b) = try SocketStream.pair()
    let large = [UInt8](repeating: 5, count: 8 << 20)
    let error = #expect(throws: SystemError.self) { try a.write(large, deadline: soon) }
    #expect(error?.description == "cannot write to the connection: Connection timed out")
    b.close()
  }

  @Test func nobodyListens() {
    #expect(throws: SystemError.self) {
      try SocketStream.tcp(host: "127.0.0.1", port: 1, deadline: .now + .seconds(2))
    }
    #expect {
      try SocketStream.unix(path: "/nonexistent/socket", deadline: soon)
    } throws: {
      ($0 as? SystemError)?.description
        == "cannot connect to /nonexistent/socket: No such file or directory"
    }
    #expect(throws: SystemError.self) {
      try SocketStream.unix(path: String(repeating: "x", count: 200), deadline: soon)
    }
    #expect(throws: SystemError.self) { try SocketStream.unix(path: "", deadline: soon) }
  }
}
