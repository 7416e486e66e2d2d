import Binary
import Machine
import Testing

@testable import RemoteProtocol

/// Tests that read through `Interrupt.shared`, which one of them sets: never two at a time.
@Suite(.serialized) enum TargetTests {}

extension TargetTests {
  /// What a target does with stubs that are not QEMU, or not well.
  @Suite struct RemoteTargetTests {
    /// A stub without acknowledgements, with a description of four registers and two CPUs.
    static let greeting = """
      -> $\(text(Supported().payload))
      <- $PacketSize=400;qXfer:features:read+;QStartNoAckMode+
      -> $QStartNoAckMode
      <- $OK
      -> $qXfer:features:read:target.xml:0,3fb
      <- $l<target><architecture>aarch64</architecture><feature name="org.gnu.gdb.aarch64.core"><reg name="x0" bitsize="64"/><reg name="pc" bitsize="64"/><reg name="cpsr" bitsize="32"/></feature><feature name="s"><reg name="SCTLR" bitsize="64" regnum="9"/></feature></target>
      -> $?
      <- $T05thread:p1.2;
      -> $vCont?
      <- $vCont;c;C;s;S
      -> $qfThreadInfo
      <- $mp1.2
      -> $qsThreadInfo
      <- $mp1.1
      -> $qsThreadInfo
      <- $l

      """

    private func attach(_ rest: String) throws -> (RemoteTarget, ScriptedStub) {
      let stub = ScriptedStub(Self.greeting + rest)
      return (try RemoteTarget(attaching: .scripted(stub)), stub)
    }

    private func refusal(_ script: String) -> TargetError? {
      let stub = ScriptedStub(script)
      do {
        _ = try RemoteTarget(attaching: .scripted(stub), options: options)
        return nil
      } catch {
        #expect(stub.isClosed)
        return error
      }
    }

    private var options: RemoteTarget.Options {
      var options = RemoteTarget.Options()
      options.firstReplySeconds = 0.05
      return options
    }

    @Test func registersByNameAndBySize() throws {
      let (target, stub) = try attach(
        """
        -> $Hgp1.1
        <- $OK
        -> $g
        <- $0100000000000000xxxxxxxxxxxxxxxxc5030040
        -> $p9
        <- $3018c50000000000
        -> $Hgp1.2
        <- $OK
        -> $p9
        <- $E14
        """)
      #expect(target.summary == "stub at the script")
      #expect(target.physicalMemory == nil)
      #expect(try target.registers(of: 0).values == ["x0": 1, "cpsr": 0x4000_03c5])
      #expect(try target.registers(of: 0)["pc"] == nil)
      #expect(try target.register("sctlr_el1", of: 0) == 0xc51830)
      #expect(try target.register("sctlr", of: 0) == 0xc51830)
      #expect(try target.register("sctlr", of: 1) == nil)
      #expect(try target.register("nosuch", of: 1) == nil)
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func memoryIsReadByPages() throws {
      let half = String(repeating: "11", count: 0x1fe)
      let (target, stub) = try attach(
        """
        -> $Hgp1.1
        <- $OK
        -> $m1ffc,4
        <- $11223344
        -> $m2000,4
        <- $E14
        -> $m1000,1fe
        <- $\(half)
        -> $m11fe,2
        <- $2222
        """)
      let memory = try #require(target.memory(of: 0))
      #expect(throws: MemoryError(Address(0x2000), .refused("E14"))) {
        try memory.read(Address(0x1ffc), count: 8)
      }
      #expect(try memory.read(Address(0x1000), count: 0x200).suffix(3) == [0x11, 0x22, 0x22])
      #expect(try memory.read(Address(0x1000), count: 0) == [])
      #expect(throws: MemoryError(Address(0), .tooLarge)) {
        try memory.read(Address(0), count: 1 << 40)
      }
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func aReplyOfTheWrongLengthIsAnotherOnes() throws {
      let (target, stub) = try attach(
        """
        -> $Hgp1.1
        <- $OK
        -> $m1000,4
        <- $1122
        -> $qXfer:features:read:target.xml:0,17
        <- $m<target><architecture>a
        -> $m1000,4
        <- $11223344
        """)
      #expect(
        try target.memory(of: 0)?.read(Address(0x1000), count: 4) == [0x11, 0x22, 0x33, 0x44])
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func aStepIsSentOnceAndItsStopNamesTheCPU() throws {
      let (target, stub) = try attach(
        """
        -> $vCont;s:p1.2
        <- $O41
        <- $T05thread:p1.2;
        -> $vCont;c
        <- $T05thread:p1.1;watch:2000;
        -> $vCont;c
        -> ^C
        <- $T02thread:p1.1;
        -> $vCont;c
        <- $W03
        """)
      try target.resume(.step(cpu: 1))
      #expect(try target.waitForStop(seconds: 1) == StopReason(.trap, cpu: 1))
      try target.resume(.run)
      #expect(try target.waitForStop(seconds: nil) == StopReason(.watch(Address(0x2000)), cpu: 0))
      try target.resume(.run)
      #expect(try target.waitForStop(seconds: 0.01) == nil)
      try target.interrupt()
      try target.interrupt()
      #expect(try target.waitForStop(seconds: 1) == StopReason(.interrupt, cpu: 0))
      #expect(target.stopCount == 4)
      try target.resume(.run)
      #expect(try target.waitForStop(seconds: 1) == StopReason(.exited(3), cpu: 0))
      #expect { try target.registers(of: 0) } throws: { ($0 as? TargetError)?.kind == .exited }
      #expect(target.consoleOutput == [0x41])
      target.close()
      #expect(stub.isFinished && stub.isClosed, "\(stub.rest)")
    }

    @Test func aResumeThatIsRefusedLeavesTheTargetStopped() throws {
      let (target, stub) = try attach("-> $vCont;c\n<- $E22")
      try target.resume(.run)
      #expect(throws: TargetError(.refused, "the stub cannot resume (E22)")) {
        try target.waitForStop(seconds: 1)
      }
      #expect(!target.isRunning)
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func aRejectedResumeIsNotRepeated() throws {
      let (target, stub) = try attach(
        """
        -> $vCont;s:p1.1
        <- -
        -> $qXfer:features:read:target.xml:0,17
        <- $m<target><architecture>a
        -> $Hgp1.1
        <- $OK
        -> $g
        <- $01000000000000000200000000000000c5030040
        """)
      try target.resume(.step(cpu: 0))
      #expect { try target.waitForStop(seconds: 1) } throws: { error in
        (error as? TargetError)?.message.contains("may have run") == true
      }
      #expect(try target.registers(of: 0)["pc"] == 2)
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func aStubThatEndsWhileRunning() throws {
      let (target, _) = try attach("-> $vCont;c\n<- eof")
      try target.resume(.run)
      for _ in 0..<2 {
        #expect { try target.waitForStop(seconds: 1) } throws: {
          ($0 as? TargetError)?.kind == .connectionLost
        }
      }
      #expect(!target.isRunning)
      target.close()
    }

    @Test func breakpointsFallBackAndAreTakenOut() throws {
      let (target, stub) = try attach(
        """
        -> $Z0,1000,4
        <- $
        -> $Z1,1000,4
        <- $OK
        -> $Z1,2000,4
        <- $E09
        -> $z1,1000,4
        <- $OK
        -> $D;1
        <- $OK
        """)
      try target.insert(.software, at: Address(0x1000))
      try target.insert(.software, at: Address(0x1000))
      #expect(
        throws: TargetError(
          .refused, "the stub cannot insert a breakpoint at 0x0000000000002000 (E09)")
      ) { try target.insert(.hardware, at: Address(0x2000)) }
      target.close()
      #expect(stub.isFinished && stub.isClosed, "\(stub.rest)")
    }

    @Test func monitorTextComesInPieces() throws {
      let (target, stub) = try attach(
        """
        -> $qRcmd,68656c70
        <- $O61620a
        <- $O63
        <- $OK
        -> $qRcmd,78
        <- $
        -> $qRcmd,79
        <- $E.no such command
        """)
      let before = target.stopCount
      #expect(try target.command("help") == "ab\nc")
      #expect(target.stopCount > before)
      #expect(throws: TargetError(.unsupported, "the stub cannot carry out `x`")) {
        try target.command("x")
      }
      #expect(throws: TargetError(.refused, "the stub cannot carry out `y` (no such command)")) {
        try target.command("y")
      }
      #expect(stub.isFinished, "\(stub.rest)")
    }

    /// gdbserver knows no `p`, and stubs inside of kernels no `P`.
    @Test func registersAllTogether() throws {
      let g = "01000000000000000200000000000000c50300401122334455667788"
      let (target, stub) = try attach(
        """
        -> $Hgp1.1
        <- $OK
        -> $p9
        <- $
        -> $g
        <- $\(g)
        -> $P1=0300000000000000
        <- $
        -> $g
        <- $\(g)
        -> $G01000000000000000300000000000000c50300401122334455667788
        <- $OK
        -> $g
        <- $01000000000000000300000000000000c50300401122334455667788
        """)
      #expect(try target.register("sctlr_el1", of: 0) == 0x8877_6655_4433_2211)
      try target.writeRegister("pc", value: 3, of: 0)
      #expect(try target.registers(of: 0)["pc"] == 3)
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func registersAreWrittenAndReadBack() throws {
      let (target, stub) = try attach(
        """
        -> $Hgp1.1
        <- $OK
        -> $P1=0010000000000000
        <- $OK
        -> $g
        <- $01000000000000000010000000000000c5030040
        -> $P2=00000000
        <- $OK
        -> $g
        <- $01000000000000000010000000000000c5030040
        """)
      try target.writeRegister("pc", value: 0x1000, of: 0)
      #expect { try target.writeRegister("cpsr", value: 0, of: 0) } throws: {
        ($0 as? TargetError)?.kind == .refused
      }
      #expect { try target.writeRegister("sctlr", value: 0, of: 0) } throws: {
        ($0 as? TargetError)?.kind == .unsupported
      }
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func aTargetThatRanSaysSoBeforeItsFirstAnswer() throws {
      let script = Self.greeting.replacing(
        "<- $PacketSize", with: "<- $T02thread:01;\n<- $PacketSize", maxReplacements: 1)
      let stub = ScriptedStub(script + "-> $D;1\n<- $OK")
      let target = try RemoteTarget(attaching: .scripted(stub))
      #expect(target.wasRunningAtAttach)
      target.close()
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func noTargetToLookAt() {
      let supported = "-> $\(text(Supported().payload))\n"
      #expect(refusal(supported + "<- $PacketSize=400\n-> $?\n<- $W00")?.kind == .exited)
      #expect(refusal(supported + "<- $PacketSize=400\n-> $?\n<- $")?.kind == .cannotConnect)
      let silence = refusal(supported)
      #expect(silence?.kind == .cannotConnect)
      #expect(silence?.message == "the script accepts the connection and says nothing")
      #expect(
        refusal(Self.greeting.replacing(">aarch64<", with: ">i386:x86-64<"))
          == TargetError(
            .unsupported, "the script is a machine of architecture i386:x86-64",
            hint: "kscope knows aarch64"))
    }

    @Test func aBadDescriptionFallsBackToTheCoreRegisters() throws {
      let g = String(repeating: "00", count: 268)
      let stub = ScriptedStub(
        Self.greeting.replacing("</target>", with: "</tarjet>")
          + "-> $Hgp1.1\n<- $OK\n-> $g\n<- $\(g)\n-> $g\n<- $\(g)")
      let target = try RemoteTarget(attaching: .scripted(stub))
      #expect(target.warnings.count == 1)
      #expect(try target.registers(of: 0).values.count == 34)
      #expect(stub.isFinished, "\(stub.rest)")
    }

    @Test func aThreadListWithoutEndIsAnError() {
      let script = Self.greeting.replacing("<- $l\n", with: "<- $mp1.1\n")
      #expect(refusal(script)?.kind == .refused)
    }
  }
}
