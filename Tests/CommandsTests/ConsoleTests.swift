import Testing

@testable import Commands

struct ConsoleTests {
  private final class FakeConsole: GuestConsole {
    let path = "console"
    var text: [UInt8]
    init(_ text: String) { self.text = Array(text.utf8) }
    func bytes(from offset: Int) throws(CommandError) -> [UInt8] {
      Array(text.dropFirst(offset).prefix(7))
    }
  }

  private func desk(_ text: String) -> Desk {
    let desk = Desk()
    desk.context.console = FakeConsole(text)
    return desk
  }

  @Test("the last lines, and lines with a text; escaped")
  func show() {
    let desk = desk("one\r\ntwo \u{1b}[1mbold\r\nthree is two\r\n")
    #expect(desk.output("console") == "one\ntwo \\e[1mbold\nthree is two\n")
    #expect(desk.output("console --tail 1") == "three is two\n")
    #expect(desk.output("console search two") == "two \\e[1mbold\nthree is two\n")
    #expect(desk.output("console search four") == "the guest did not write 'four'\n")
    #expect(desk.errors("console --tail x").hasPrefix("kscope: console: --tail needs"))
  }

  @Test("a text is seen when it arrives in pieces, and old text is not")
  func watch() throws {
    let console = FakeConsole("ready ")
    var watch = ConsoleWatch(console, text: "ready")
    try watch.skip()
    #expect(try !watch.isSeen())
    console.text += Array("re".utf8)
    #expect(try !watch.isSeen())
    console.text += Array("ady".utf8)
    #expect(try watch.isSeen())
  }
}
