import Machine
import Testing

@testable import RemoteProtocol

@Suite struct TargetDescriptionTests {
  private func describe(_ documents: [String: String]) throws -> TargetDescription {
    try TargetDescription { (annex) throws(TargetError) in
      guard let document = documents[annex] else { throw TargetError(.refused, "no \(annex)") }
      return Array(document.utf8)
    }
  }

  private func failure(_ documents: [String: String]) -> DescriptionFailure? {
    do {
      _ = try describe(documents)
      return nil
    } catch { return error as? DescriptionFailure }
  }

  @Test func includesInOrderAndNumbersGoOn() throws {
    let description = try describe([
      "target.xml": """
      <?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd">
      <!-- <reg name="hidden" bitsize="8"/> -->
      <target><architecture> aarch64 </architecture>
      <xi:include href="core.xml"/><xi:include href='sys.xml'/></target>
      """,
      "core.xml": """
      <feature name="org.gnu.gdb.aarch64.core"><reg name="x0" bitsize="64"/>
      <reg name="sp" bitsize="64" type="data_ptr"/><flags id="f" size="4"><field name="x"/></flags>
      <reg name="cpsr" bitsize="32"/></feature>
      """,
      "sys.xml": """
      <feature name="org.qemu.gdb.arm.sys.regs"><reg name="TTBR0_EL1" bitsize="64" regnum="68"/>
      <reg name="A&amp;B" bitsize="64"/><reg name="again" bitsize="8" regnum="0"/></feature>
      <feature name="org.gnu.gdb.aarch64.fpu"><reg name="v0" bitsize="128" regnum="2"/></feature>
      """,
    ])
    #expect(description.architecture == "aarch64")
    #expect(description.entries.map(\.register.name) == ["x0", "sp", "cpsr", "ttbr0_el1", "a&b"])
    #expect(description.entry(named: "ttbr0_el1")?.number == 68)
    #expect(description.entry(named: "ttbr0_el1")?.register.group == "system")
    #expect(description.entry(named: "x0")?.register.group == "general")
  }

  @Test(arguments: [
    ("", TargetDescription.Error.noRegisters),
    ("<target></target>", .noRegisters),
    ("<target>", .xml(annex: "target.xml", .unclosed(offset: 8))),
    ("<target", .xml(annex: "target.xml", .unclosed(offset: 0))),
    ("<target></tarjet>", .xml(annex: "target.xml", .mismatchedEnd(name: "tarjet", offset: 8))),
    (
      "<!DOCTYPE t [<!ENTITY lol \"lol\">]><t/>",
      .xml(annex: "target.xml", .declaresEntities(offset: 0))
    ),
    ("<a b=\"&lol;\"/>", .xml(annex: "target.xml", .unknownEntity(offset: 6))),
    ("<a b=c/>", .xml(annex: "target.xml", .badMarkup(offset: 5))),
    ("<a><b><c><d><e><f><g><h><i/>", .xml(annex: "target.xml", .tooDeep(offset: 24))),
    ("<xi:include href=\"target.xml\"/>", .tooDeep(annex: "target.xml")),
    ("<reg name=\"a\" bitsize=\"0\"/>", .badRegister("a")),
    ("<reg name=\"a\" bitsize=\"2147483648\"/>", .badRegister("a")),
    ("<reg name=\"a\" bitsize=\"99999999999999999999\"/>", .badRegister("a")),
    ("<reg name=\"a\"/>", .badRegister("a")),
    ("<reg bitsize=\"8\"/>", .badRegister("")),
    ("<reg name=\"a\" bitsize=\"8\" regnum=\"-1\"/>", .badRegister("a")),
    ("<reg name=\"a\" bitsize=\"8\" regnum=\"999999999\"/>", .badRegister("a")),
    ("\u{feff}<!-- never ends", .xml(annex: "target.xml", .unclosed(offset: 3))),
  ])
  func refusals(document: String, error: TargetDescription.Error) {
    #expect(failure(["target.xml": document]) == .description(error))
  }

  @Test func sizesAreBounded() {
    let many = String(repeating: "<reg name=\"a\" bitsize=\"8\"/>", count: 65_537)
    #expect(failure(["target.xml": many]) == .description(.tooManyRegisters))
    let large = "<a/>" + String(repeating: " ", count: 4 << 20)
    #expect(failure(["target.xml": large]) == .description(.tooLarge))
    #expect(
      failure(["target.xml": "<xi:include href=\"file:///etc/passwd\"/>"])
        == .fetch(TargetError(.refused, "no file:///etc/passwd")))
  }

  @Test func everyTruncationIsAnErrorOrADescription() throws {
    let document = Array(
      "<?xml version=\"1.0\"?><!-- c --><t a='1'>x<reg name=\"a\" bitsize=\"8\"/>&lt;</t>".utf8)
    for count in 0...document.count {
      var reader = XMLReader(Array(document[..<count]))
      var tokens = 0
      do throws(XMLReader.Error) {
        while try reader.next() != nil { tokens += 1 }
        #expect(count == document.count || tokens == 0)
      } catch { #expect(count < document.count) }
    }
  }

  @Test func memoryOfQEMU() {
    let text = """
      FlatView #0
       AS "gpex-root", root: bus master container
       Root memory region: (none)
        No rendered FlatView
      FlatView #1
       AS "memory", root: system
       AS "cpu-memory-0", root: system
       Root memory region: system
        0000000000000000-0000000003ffffff (prio 0, romd): virt.flash0
        0000000004000000-0000000007ffffff (prio 0, romd): virt.flash1
        0000000009000000-0000000009000fff (prio 0, i/o): pl011
        0000000040000000-0000000043ffffff (prio 0, ram): mach-virt.ram
        0000000050000000-000000005fffffff (prio 0, ram): mach virt ram @0000000004000000
        00000000z0000000-000000005fffffff (prio 0, ram): nonsense
        0000000070000000-0000000060000000 (prio 0, ram): backwards
        fffffffffffff000-ffffffffffffffff (prio 0, ram): at the very end
      FlatView #2
       AS "I/O", root: io
        0000000000000000-000000000000ffff (prio 0, ram): io
      """
    #expect(
      MemoryMap.ranges(parsing: text) == [
        PhysicalAddress(0)..<PhysicalAddress(0x800_0000),
        PhysicalAddress(0x4000_0000)..<PhysicalAddress(0x4400_0000),
        PhysicalAddress(0x5000_0000)..<PhysicalAddress(0x6000_0000),
      ])
    #expect(MemoryMap.ranges(parsing: "") == nil)
    #expect(MemoryMap.ranges(parsing: "unknown command: 'info mtree'") == nil)
  }
}
