import Binary
import Machine
import Testing

@testable import RemoteProtocol

/// What a link does with damaged, lost, repeated and late packets. The canary of these tests is
/// `vMustReplyEmpty`.
@Suite struct RemoteLinkTests {
  private func link(_ stub: ScriptedStub, acknowledges: Bool = true) -> RemoteLink {
    let link = RemoteLink.scripted(stub)
    link.acknowledges = acknowledges
    // The first packet opens the conversation.
    return link
  }

  private func ask(
    _ link: RemoteLink, _ request: String, isIdempotent: Bool = true
  ) throws -> String {
    text(try link.exchange(Array(request.utf8), isIdempotent: isIdempotent))
  }

  @Test(arguments: [
    "-> $m0,4 | <- + | <- $01020304", "-> $m0,4 | <- $01020304",
    "-> $m0,4 | <- $01020304 | <- +", "<- +++ | -> $m0,4 | <- ++ | <- $01020304 | <- +",
    "-> $m0,4 | <- !noise\\x00\\xff\\x0d\\x0a | <- + | <- $01020304",
    "-> $m0,4 | <- + | <- $O41 | <- $01020304",
  ])
  func answersInEveryDress(script: String) throws {
    let stub = ScriptedStub(script.replacing(" | ", with: "\n"))
    #expect(try ask(link(stub), "m0,4") == "01020304")
    #expect(stub.isFinished, "\(stub.rest)")
    #expect(stub.acknowledgements.contains("+"))
    #expect(!stub.acknowledgements.contains("-"))
  }

  @Test func everySplitIsTheSame() throws {
    for limit in 1...24 {
      let stub = ScriptedStub("-> $m0,4\n<- +\n<- $01020304\n-> $m4,4\n<- +\n<- $05060708")
      stub.readLimit = limit
      let link = link(stub)
      #expect(try ask(link, "m0,4") == "01020304")
      #expect(try ask(link, "m4,4") == "05060708")
      #expect(stub.isFinished)
    }
  }

  @Test func aDamagedReplyIsAskedForAgainAndThenNotTrusted() throws {
    let stub = ScriptedStub(
      """
      -> $m0,4
      <- +
      <- !$0x020304#00
      -> -
      <- $01020304
      -> $vMustReplyEmpty
      <- +
      <- $
      -> $m4,4
      <- +
      <- $05060708
      """)
    let link = link(stub)
    #expect(try ask(link, "m0,4") == "01020304")
    #expect(link.isInDoubt && link.damagedCount == 1)
    #expect(try ask(link, "m4,4") == "05060708")
    #expect(!link.isInDoubt && link.resyncCount == 1)
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test func damageForEverIsAnError() throws {
    var script = "-> $open\n<- $OK\n-> $m0,4\n<- !$01#00"
    for _ in 0..<4 { script += "\n-> -\n<- !$01#00" }
    let stub = ScriptedStub(script)
    let link = link(stub)
    _ = try ask(link, "open")
    #expect {
      try ask(link, "m0,4")
    } throws: { error in
      (error as? TargetError)?.message
        == "the link to the script is unusable: 5 of 6 packets damaged"
    }
    #expect(link.lost == nil)
  }

  @Test func withoutAcknowledgementsADamagedReplyIsAskedForOnceMore() throws {
    let stub = ScriptedStub(
      """
      -> $m0,4
      <- !$01020304#00
      -> $vMustReplyEmpty
      <- $
      -> $m0,4
      <- $01020304
      """)
    let link = link(stub, acknowledges: false)
    #expect(try ask(link, "m0,4") == "01020304")
    #expect(stub.isFinished, "\(stub.rest)")
    #expect(stub.acknowledgements.isEmpty)
  }

  @Test func aDuplicatedReplyIsNotTheNextAnswer() throws {
    let stub = ScriptedStub(
      """
      -> $m0,4
      <- +
      <- $01020304
      <- $01020304
      -> $vMustReplyEmpty
      <- +
      <- $
      -> $m4,4
      <- +
      <- $05060708
      """)
    let link = link(stub)
    #expect(try ask(link, "m0,4") == "01020304")
    #expect(try ask(link, "m4,4") == "05060708")
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test func aLateReplyIsNotTheNextAnswer() throws {
    // The first reply comes after the time-out, while the link asks its canary.
    let stub = ScriptedStub(
      """
      -> $m0,4
      <- +
      <~ !
      <~ !
      -> $vMustReplyEmpty
      <- $01020304
      <- $
      -> $m0,4
      <- +
      <- $0a0b0c0d
      """)
    let link = link(stub)
    #expect(try ask(link, "m0,4") == "0a0b0c0d")
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test func silenceIsAskedAgainAtMostThreeTimes() throws {
    var script = "-> $m0,4"
    for _ in 0..<3 { script += "\n-> $vMustReplyEmpty\n<- $\n-> $m0,4" }
    let stub = ScriptedStub(script)
    #expect {
      try ask(link(stub), "m0,4")
    } throws: { error in
      error as? TargetError == TargetError(.timedOut, "no answer from the script to `m0,4`")
    }
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test(arguments: ["", "<- -", "<- !$OK#00"])
  func whatIsNotIdempotentIsSentOnce(trouble: String) throws {
    let stub = ScriptedStub("-> $open\n<- $OK\n-> $M0,1:00\n" + trouble)
    let link = link(stub, acknowledges: false)
    _ = try ask(link, "open")
    #expect {
      try ask(link, "M0,1:00", isIdempotent: false)
    } throws: { error in
      error as? TargetError
        == TargetError(
          .timedOut,
          "no answer from the script to `M0,1:00`; it may have been carried out")
    }
    #expect(link.isInDoubt)
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test func aRejectionStormEnds() throws {
    var script = "-> $open\n<- $OK\n-> $m0,4\n<- ----"
    for _ in 0..<3 { script += "\n-> $vMustReplyEmpty\n<- $\n-> $m0,4\n<- ----" }
    let stub = ScriptedStub(script)
    let link = link(stub)
    _ = try ask(link, "open")
    #expect { try ask(link, "m0,4") } throws: { ($0 as? TargetError)?.kind == .timedOut }
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test func aStubThatIsGoneStaysGone() throws {
    let stub = ScriptedStub("-> $open\n<- $OK\n-> $m0,4\n<- !$01\n<- eof")
    let link = link(stub)
    _ = try ask(link, "open")
    for _ in 0..<2 {
      #expect {
        try ask(link, "m0,4")
      } throws: { error in
        error as? TargetError
          == TargetError(
            .connectionLost, "the connection to the script is gone: the other side closed it")
      }
    }
    #expect(stub.isClosed)
  }

  @Test func fileRequestsAreRefused() throws {
    let stub = ScriptedStub(
      """
      -> $m0,4
      <- $Fopen,1234/12,0,0
      -> $F-1,1
      <- $01020304
      """)
    #expect(try ask(link(stub), "m0,4") == "01020304")
    #expect(stub.isFinished, "\(stub.rest)")
  }

  @Test func consoleOutputIsKeptAndBounded() throws {
    let flood = String(repeating: "<- $O" + String(repeating: "41", count: 1000) + "\n", count: 100)
    let stub = ScriptedStub("-> $m0,4\n" + flood + "<- $01020304")
    let link = link(stub)
    #expect(try ask(link, "m0,4") == "01020304")
    #expect(link.console.count == 1 << 16)
  }

  @Test(arguments: [
    ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\\x0d\\x0a", "looks like SSH"),
    ("HTTP/1.1 400 Bad Request\\x0d\\x0a", "looks like HTTP"),
    ("{\"QMP\": {\"version\": {\"package\": \"Debian 1:7.2+dfsg-7\"}}}", "looks like QMP"),
    ("\\xff\\xfd\\x18\\xff\\xfd", "looks like telnet"),
    ("QEMU 7.2.22 monitor - type 'help'", "looks like a QEMU monitor"),
    ("login: ", "its first bytes: \"login: \""),
  ])
  func otherServicesAreNamed(greeting: String, words: String) throws {
    let start = ContinuousClock.now
    for ending in ["", "\n<- eof"] {
      let stub = ScriptedStub("<- !" + greeting + ending)
      guard ending.isEmpty || words.hasPrefix("looks") else { continue }
      #expect {
        try link(stub).exchange(Array("q".utf8), isIdempotent: true, timeout: .seconds(15))
      } throws: { error in
        error as? TargetError
          == TargetError(
            .cannotConnect, "the script is not a GDB stub (\(words))",
            hint: "use the address given to QEMU's -gdb option")
      }
      #expect(stub.isClosed)
    }
    #expect(ContinuousClock.now - start < .seconds(3))
  }

  /// A monitor echoes what it is sent.
  @Test func aServiceThatEchoesIsNamed() throws {
    let stub = ScriptedStub(
      "<- !QEMU 7.2.22 monitor\\x0d\\x0a(qemu) $q\\x1b[K$qS\\x1b[K$qSu\\x1b[K$")
    #expect { try ask(link(stub), "q") } throws: { error in
      (error as? TargetError)?.message == "the script is not a GDB stub (looks like a QEMU monitor)"
    }
    let other = ScriptedStub("<- !" + String(repeating: "$a$b", count: 10))
    #expect { try ask(link(other), "q") } throws: { ($0 as? TargetError)?.kind == .cannotConnect }
  }

  @Test func aConnectionClosedAtOnceIsNoTarget() throws {
    let stub = ScriptedStub("<- eof")
    #expect { try ask(link(stub), "q") } throws: { ($0 as? TargetError)?.kind == .cannotConnect }
  }

  @Test func theResyncItselfMayFail() throws {
    let stub = ScriptedStub(
      "-> $m0,4\n-> $vMustReplyEmpty\n<- $OK" + String(repeating: "\n-> $vMustReplyEmpty", count: 4)
    )
    #expect { try ask(link(stub), "m0,4") } throws: { error in
      (error as? TargetError)?.message.contains("no clear answer") == true
    }
    #expect(stub.isFinished, "\(stub.rest)")
  }
}
