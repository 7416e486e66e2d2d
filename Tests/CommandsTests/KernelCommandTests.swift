import Foundation
import KernelModel
import Machine
import Testing

@testable import Commands

struct KernelCommandTests {
  @Test("threads: uncertain cells are marked, failed rows stay with their reason")
  func threads() {
    #expect(
      Desk().output("threads") == """
        thread  name      state     blocked_on     cpu  priority  domain  pc
           101  idle      idle      -                0         0       0  0xffffff8040200804
           105  fs\\e[31m  blocked?  endpoint 3 fs    -         2       2  <unavailable>
           106  disk
          ! cannot read 0x0000000000000010

        """)
  }

  @Test(
    "filters",
    arguments: [
      ("threads name=idle", ["101"]), ("threads domain=2", ["105", "106"]),
      ("threads blocked_on=endpoint:3", ["105", "106"]), ("threads state=blocked", ["105", "106"]),
      ("threads name~is", ["106"]), ("threads name!=idle", ["105", "106"]),
      ("threads id=101 state=idle", ["101"]), ("threads cpu=none", ["105", "106"]),
    ])
  func filters(line: String, ids: [String]) {
    let rows = Desk().output(line).split(separator: "\n").dropFirst().filter { !$0.contains("!") }
    #expect(rows.compactMap { $0.split(separator: " ").first.map(String.init) } == ids)
  }

  @Test(
    "what is wrong with a line",
    arguments: [
      (
        "threads stat=x",
        "kscope: threads: no field 'stat' in threads\nhint: did you mean 'state'?\n"
      ),
      (
        "threads 105",
        "kscope: threads: unexpected argument '105'\n"
          + "hint: filters look like name=VALUE, FIELD!=VALUE, FIELD~PART\n"
      ),
      ("thread 999", "kscope: there is no thread '999'\nhint: there are: 101, 105, 106\n"),
      ("spaces", "kscope: this kernel has no spaces\n"),
      ("domain", "kscope: domain: expected one id\nhint: as in 'domain 3'\n"),
      (
        "why thread 105.stat",
        "kscope: why: no field 'stat' in threads\nhint: did you mean 'state'?\n"
      ),
      (
        "console",
        "kscope: kscope does not have the guest's console\nhint: it does under 'kscope run'\n"
      ),
      ("kill", "kscope: kscope did not start this target\nhint: 'monitor quit' asks QEMU to end\n"),
      ("info registers x99", "kscope: there is no register 'x99'\nhint: did you mean 'x19'?\n"),
    ])
  func errors(line: String, expected: String) { #expect(Desk().errors(line) == expected) }

  @Test("one thread in full")
  func thread() {
    let desk = Desk()
    #expect(
      desk.output("thread 105") == """
        thread 105
          name        fs\\e[31m
          state       blocked?  (inferred: by its place in a queue)
          blocked_on  endpoint 3 fs
          cpu         -
          priority    2
          domain      2
          generation  1
          pc          <unavailable>  (the page is not mapped)

        """)
    #expect(
      desk.sink.errors
        == "kscope: warning: thread 105 is not selected: "
        + "the registers of thread 105 are not available: it never ran\n")
  }

  @Test("a thread's saved registers become the selection")
  func selectsThread() {
    let kernel = FakeKernel.sample()
    kernel.contexts["105"] = .saved(
      SavedContext(registers: RegisterValues(["pc": 0xffff_ff80_0000_1234]), space: nil))
    let desk = Desk(kernel: kernel)
    _ = desk.output("thread 105")
    #expect(desk.sink.errors == "")
    #expect(desk.output("info registers pc") == "pc              0xffffff8000001234\n")
    #expect(desk.output("info registers x3") == "x3              <unavailable>\n")
    _ = desk.output("cpu 0")
    #expect(desk.output("info registers x3") == "x3              0x0000000000000003  3\n")
  }

  @Test("why shows the evidence of a field")
  func why() {
    #expect(
      Desk().output("why thread 105.blocked_on") == """
        thread 105.blocked_on = endpoint 3
          certain
          from bramble::thread::THREAD_MAP[105].state: State at 0xffffff8040241000 = 02 00 00 00 (live)

        """)
    #expect(
      Desk().output("why thread 105.pc") == """
        thread 105.pc = <unavailable>
          unavailable: the page is not mapped

        """)
  }

  @Test("ipc shows who waits, in order, with names")
  func ipc() {
    #expect(
      Desk().output("ipc") == """
        endpoint  name  kind        depth  capacity  senders  receivers
               3  fs    rendezvous      2         -  105,106  -

        endpoint  waits to  place  thread  name
               3  send          0     105  fs\\e[31m
               3  send          1     106  disk

        """)
  }

  @Test("capabilities, and an empty view")
  func caps() {
    #expect(
      Desk().output("caps") == """
        capability  domain  slot  object         rights  badge  parent
               2:0  2          0  endpoint 3 fs  s-g-     0x2a  -

        """)
    #expect(Desk().output("messages") == "no messages\n")
    #expect(Desk().output("caps domain=9") == "no capabilities match\n")
  }

  @Test("without a kernel: a reason and a way out")
  func noKernel() {
    #expect(
      Desk(kernel: nil).errors("threads") == """
        kscope: no kernel plugin is loaded
        hint: give the kernel's ELF file with -k, or a plugin with --plugin

        """)
    #expect(Desk(kernel: nil).output("cpus").contains("says \\e[2J"))
  }

  @Test("a kernel that is not initialised says so")
  func notInitialised() {
    let kernel = FakeKernel()
    kernel.failure = KernelError(
      .notInitialised, "the kernel is not initialised yet", hint: "run on")
    #expect(
      Desk(kernel: kernel).errors("threads")
        == "kscope: the kernel is not initialised yet\nhint: run on\n")
  }

  @Test("threads as JSON: certain fields are values, others say why")
  func json() throws {
    let desk = Desk()
    let text = desk.output("threads --json")
    let envelope = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(envelope["schema"] as? String == "kscope.threads/1")
    #expect(envelope["command"] as? String == "threads")
    #expect(envelope["target"] as? String == "fake target")
    #expect(envelope["consistency"] as? String == "halted")
    #expect(envelope["error"] is NSNull)
    let data = try #require(envelope["data"] as? [String: Any])
    let threads = try #require(data["threads"] as? [[String: Any]])
    #expect(threads.count == 3)
    #expect(threads[0]["pc"] as? String == "0xffffff8040200804")
    #expect(threads[0]["cpu"] as? [String: String] == ["kind": "cpu", "id": "0"])
    #expect(threads[0]["blocked_on"] is NSNull)
    #expect(threads[1]["name"] as? String == "fs\u{1b}[31m")
    let state = try #require(threads[1]["state"] as? [String: String])
    #expect(
      state == [
        "value": "blocked", "certainty": "inferred", "reason": "by its place in a queue",
      ])
    #expect(threads[2]["problem"] as? String == "cannot read 0x0000000000000010")
    #expect(threads[2]["state"] == nil)
    #expect(text.hasSuffix("}\n") && text.count { $0 == "\n" } == 1)
  }
}
