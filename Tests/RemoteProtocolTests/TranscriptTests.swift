import Binary
import Machine
import Testing

@testable import RemoteProtocol

extension TargetTests {
  @Suite struct TranscriptTests {
    private func withFile(_ text: String = "", _ body: (String) throws -> Void) throws {
      let path = "/tmp/kscope-test-\(UInt64.random(in: 0...UInt64.max).hex()).transcript"
      try OutputFile.write(Array(text.utf8), to: path)
      defer { OutputFile.remove(path) }
      try body(path)
    }

    @Test func bytesSurviveTheirText() throws {
      let bytes = (0...255).map { UInt8($0) } + [0x20]
      let text = Transcript.escape(bytes)
      #expect(text.utf8.allSatisfy { (0x20..<0x7f).contains($0) } && !text.hasSuffix(" "))
      #expect(Transcript.unescape(text[...]) == bytes)
      for bad in ["\\", "\\x", "\\x4", "\\xzz", "\\n"] {
        #expect(Transcript.unescape(bad[...]) == nil, "\(bad)")
      }
    }

    @Test(arguments: [
      ("", "it does not begin with `kscope-transcript 1`"),
      ("kscope-transcript 2\n", "version 2 of the format is not known"),
      ("kscope-transcript 1\nhello\n", "line 2 is no line of a transcript"),
      ("kscope-transcript 1\n# a\n0.1 -> \\x\n", "line 3 is no line of a transcript"),
      ("kscope-transcript 1\n0.1 -- stop\n", "line 2 is no line of a transcript"),
    ])
    func whatIsNoTranscriptIsRefused(text: String, why: String) throws {
      try withFile(text) { path in
        #expect { try ReplayTransport(path: path) } throws: { error in
          (error as? SystemError)?.reason == why
        }
      }
    }

    /// A session with a scripted stub is recorded; its transcript then answers the same session.
    @Test func aSessionIsRecordedAndPlayedAgain() throws {
      try withFile { path in
        let script =
          RemoteTargetTests.greeting + """
            -> $Hgp1.1
            <- $OK
            -> $g
            <- $01000000000000000200000000000000c5030040
            -> $vCont;c
            -> ^C
            <- $T02thread:p1.1;
            -> $D;1
            <- $OK
            """
        let stub = ScriptedStub(script)
        let recorder = try RecordingTransport(stub, path: path, comments: ["a\ntest"])
        try play(recorder, interrupts: true)
        #expect(stub.isFinished, "\(stub.rest)")
        #expect(recorder.failure == nil)
        // A user's Ctrl-C in the recording is one in the replay.
        try play(try ReplayTransport(path: path), interrupts: false)
        let text = String(try Bytes(mapping: path))
        #expect(text.hasPrefix("kscope-transcript 1\n# a\\x0atest\n"))
      }
    }

    private func play(_ transport: any Transport, interrupts: Bool) throws {
      let target = try RemoteTarget(attaching: RemoteLink(transport, peer: "the script"))
      #expect(try target.registers(of: 0).values["x0"] == 1)
      try target.resume(.run)
      if interrupts { try target.interrupt() }
      #expect(try target.waitForStop(seconds: nil) == StopReason(.interrupt, cpu: 0))
      target.close()
    }

    @Test func aDifferenceIsSaidWithItsLine() throws {
      let text = """
        kscope-transcript 1
        0.0 -> $m0,4#fd
        0.1 <- +$01020304#8a
        0.2 -> +
        0.3 -> $m8,4#05
        """
      try withFile(text) { path in
        let link = RemoteLink(try ReplayTransport(path: path), peer: "it")
        #expect(try link.exchange(Array("m0,4".utf8), isIdempotent: true) == Array("01020304".utf8))
        #expect {
          try link.exchange(Array("g".utf8), isIdempotent: true)
        } throws: { error in
          (error as? TargetError)?.message.hasSuffix(
            "the session differs from the transcript at line 5: "
              + "kscope sends `g`, the transcript has `m8,4`") == true
        }
      }
    }

    @Test func theEndOfATranscriptIsSaid() throws {
      try withFile("kscope-transcript 1\n0.0 -> $m0,4#fd\n") { path in
        let link = RemoteLink(try ReplayTransport(path: path), peer: "it")
        link.limits.replyTimeout = .milliseconds(10)
        #expect {
          try link.exchange(Array("m0,4".utf8), isIdempotent: true)
        } throws: { error in
          (error as? TargetError)?.message.hasSuffix("the transcript ends here") == true
        }
      }
    }
  }
}
