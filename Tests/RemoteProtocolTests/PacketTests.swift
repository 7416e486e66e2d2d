import Machine
import Testing

@testable import RemoteProtocol

@Suite struct PacketTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func whatIsSent() {
    let thread = ThreadID(process: 1, thread: 0x1f)
    let sent: [(any Request, String)] = [
      (WhyStopped(), "?"), (FirstThreads(), "qfThreadInfo"), (NextThreads(), "qsThreadInfo"),
      (StartNoAckMode(), "QStartNoAckMode"), (ResumeActions(), "vCont?"),
      (
        ReadFeatures(annex: "target.xml", offset: 0x10, count: 0xffb),
        "qXfer:features:read:target.xml:10,ffb"
      ),
      (ThreadExtraInfo(thread: thread), "qThreadExtraInfo,p1.1f"),
      (SelectThread(thread: thread), "Hgp1.1f"), (ReadRegisters(maximumByteCount: 8), "g"),
      (ReadRegister(number: 0x44, byteCount: 8), "p44"),
      (WriteRegister(number: 32, bytes: [0, 0x10]), "P20=0010"),
      (WriteRegisters(bytes: [0, nil, 0xff]), "G00xxff"),
      (ReadMemory(address: 0xffff_8000_0000_0000, count: 0x800), "mffff800000000000,800"),
      (WriteMemory(address: 0x1000, bytes: [0x1f, 0x20]), "M1000,2:1f20"),
      (InsertBreakpoint(kind: .software, address: Address(0x40)), "Z0,40,4"),
      (RemoveBreakpoint(kind: .hardware, address: Address(0x40)), "z1,40,4"),
      (MonitorCommand(line: "info"), "qRcmd,696e666f"), (GetPhysicalMode(), "qqemu.PhyMemMode"),
      (SetPhysicalMode(isOn: true), "Qqemu.PhyMemMode:1"), (Detach(process: 1), "D;1"),
      (Detach(process: nil), "D"),
    ]
    for (request, payload) in sent {
      #expect(text(request.payload) == payload)
      #expect(payload.hasPrefix(type(of: request).packet))
    }
    #expect(Set(PacketTable.all.map { $0.packet }).count == PacketTable.all.count)
    #expect(PacketTable.all.count == 21)
    #expect(text(Supported().payload).hasPrefix("qSupported:multiprocess+;"))
  }

  @Test func howToResume() {
    let thread = ThreadID(process: 1, thread: 2)
    let run = Resume(how: .run, thread: nil, hasActions: true)
    #expect(text(run.payload) == "vCont;c")
    let step = Resume(how: .step(cpu: 1), thread: thread, hasActions: true)
    #expect(text(step.payload) == "vCont;s:p1.2")
    #expect(text(Resume(how: .run, thread: nil, hasActions: false).payload) == "c")
    #expect(text(Resume(how: .step(cpu: 0), thread: thread, hasActions: false).payload) == "s")
  }

  @Test(arguments: [
    ("T05thread:p01.02;", StopReason.Kind.trap, "p1.2"), ("T02thread:01;", .interrupt, "1"),
    ("T05thread:p01.02;watch:0000000040195030;", .watch(Address(0x4019_5030)), "p1.2"),
    ("T05rwatch:ff;", .watch(Address(0xff)), ""), ("T05awatch:f;", .watch(Address(0xf)), ""),
    ("T05watch:zz;", .trap, ""), ("T054:00;5:11;8:22;thread:1;swbreak:;", .trap, "1"),
    ("T05thread:-1;", .trap, ""), ("T05thread:p0.0;", .trap, ""), ("T05;;::;:", .trap, ""),
    ("T8f", .signal(0x8f), ""), ("S05", .trap, ""), ("S00", .signal(0), ""),
    ("W00", .exited(0), ""), ("W07;process:1", .exited(7), ""), ("X09", .exited(137), ""),
  ])
  func stops(reply: String, kind: StopReason.Kind, thread: String) {
    let stop = StopReply(parsing: bytes(reply))
    #expect(stop?.kind == kind)
    #expect(stop?.thread?.description ?? "" == thread)
  }

  @Test(arguments: ["", "T", "T0", "Tzz", "S5", "S055", "OK", "E01", "O41", "m01", "W0", "W00x"])
  func noStops(reply: String) { #expect(StopReply(parsing: bytes(reply)) == nil) }

  @Test func manyPairsAreBounded() {
    let pairs = (0..<100_000).map { "\($0):00;" }.joined()
    #expect(StopReply(parsing: bytes("T05" + pairs))?.kind == .trap)
  }

  @Test(arguments: ["1", "p1.2", "pffff.ffffffffffffffff"])
  func threadIDs(text: String) { #expect(ThreadID(parsing: bytes(text))?.description == text) }

  @Test(arguments: [
    "", "0", "-1", "p", "p1", "p1.", "p.1", "p1.2.3", "p-1.1", "p1.-1", "p1.0", "g",
    "10000000000000000",
  ])
  func noThreadIDs(text: String) { #expect(ThreadID(parsing: bytes(text)) == nil) }

  @Test func memoryReplies() throws {
    let request = ReadMemory(address: 0, count: 2)
    #expect(try request.answer(bytes("0aFf")) == [0x0a, 0xff])
    #expect(throws: ReplyError.unsupported) { try request.answer([]) }
    #expect(throws: ReplyError.refused("E14")) { try request.answer(bytes("E14")) }
    #expect(throws: ReplyError.refused("no\u{1b}[0m")) {
      try request.answer(bytes("E.no\u{1b}[0m"))
    }
    for reply in ["0a", "0aff00", "0af", "0afg", "E0", "Eg", "OK", "T05thread:01;"] {
      #expect {
        try request.answer(bytes(reply))
      } throws: {
        if case .malformed? = $0 as? ReplyError { true } else { false }
      }
    }
    // Four digits that begin with a capital E are memory.
    #expect(try request.answer(bytes("E0E1")) == [0xe0, 0xe1])
  }

  @Test func registerReplies() throws {
    let request = ReadRegister(number: 1, byteCount: 2)
    #expect(try request.answer(bytes("0102")) == [1, 2])
    #expect(try request.answer(bytes("xxxx")) == nil)
    #expect(throws: ReplyError.refused("E14")) { try request.answer(bytes("E14")) }
    for reply in ["01", "010203", "x1x1", "zz11", "OK"] {
      #expect(throws: ReplyError.self) { try request.answer(bytes(reply)) }
    }
    let all = ReadRegisters(maximumByteCount: 4)
    #expect(try all.answer(bytes("01xx02")) == [1, nil, 2])
    for reply in ["0102030405", "010", "0g"] {
      #expect(throws: ReplyError.self) { try all.answer(bytes(reply)) }
    }
  }

  @Test(arguments: [
    ("PacketSize=1000;vContSupported+;x-", 0x1000), ("PacketSize=0", 256),
    ("PacketSize=ffffffffffffffff", 1 << 20), ("PacketSize=", 400), ("", 400),
    ("PacketSize=10000000000000000", 400), ("PacketSize=131072", 1 << 20),
  ])
  func features(text: String, packetSize: Int) {
    let features = StubFeatures(parsing: text)
    #expect(features.packetSize == packetSize)
    #expect(features.has("vContSupported") == text.contains("vCont"))
    #expect(!features.has("x"))
  }

  @Test func threadLists() throws {
    #expect(
      try FirstThreads().answer(bytes("mp01.01,p01.02")) == [
        ThreadID(process: 1, thread: 1), ThreadID(process: 1, thread: 2),
      ])
    #expect(try NextThreads().answer(bytes("l")) == nil)
    for reply in ["m", "m1,,x", "k", "OK"] {
      #expect(throws: ReplyError.self) { try FirstThreads().answer(bytes(reply)) }
    }
  }

  @Test func featuresMustProgress() throws {
    let request = ReadFeatures(annex: "a", offset: 0, count: 4)
    #expect(try request.answer(bytes("m1234")).bytes == bytes("1234"))
    #expect(try request.answer(bytes("l")).isLast)
    for reply in ["m", "m12345", "OK", "E00", ""] {
      #expect(throws: ReplyError.self) { try request.answer(bytes(reply)) }
    }
  }
}
