import Binary
import Foundation
import Testing

@testable import Commands

struct InterpreterTests {
  @Test("every command answers wrong arguments with one object of valid JSON, and never traps")
  func hostileArguments() throws {
    let rests = [
      "", "zz zz zz", "-1", "99999999999999999999", "''", "=", "a=b=c", "--", "-n -n", "*",
      "\u{1b}[2J", "3.4.5", ")))", "$", "::", "@", "/", "a | ", "--for", "--for -1",
    ]
    for command in CommandTable.standard.commands where command.name != "console" {
      for rest in rests {
        let desk = Desk()
        desk.interpreter.isJSON = true
        let text = desk.output("\(command.name) \(rest)")
        guard !text.isEmpty else { continue }
        for line in text.split(separator: "\n") {
          let value = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
          #expect(value?["schema"] != nil, "\(command.name) \(rest): \(line)")
          #expect(Escaping.line(String(line)) == line)
        }
        #expect(Escaping.log(bytes: Array(desk.sink.errors.utf8)) == desk.sink.errors)
      }
    }
  }

  @Test("an error as JSON: message and hint in the envelope, and on stderr")
  func errorEnvelope() throws {
    let desk = Desk()
    let text = desk.output("thread 9 --json")
    #expect(
      text == #"{"schema":"kscope.thread/1","command":"thread","target":"fake target","#
        + #""consistency":"halted","data":null,"warnings":[],"#
        + #""error":{"message":"there is no thread '9'","hint":"there are: 101, 105, 106"}}"# + "\n"
    )
    #expect(desk.sink.errors.hasPrefix("kscope: there is no thread '9'"))
  }

  @Test("an empty line repeats at a terminal only, and only what makes sense to repeat")
  func repetition() {
    let desk = Desk()
    let first = desk.output("threads", from: .terminal)
    #expect(desk.output("", from: .terminal) == first)
    #expect(desk.output("", from: .script) == "")
    _ = desk.output("thread 101", from: .terminal)
    #expect(desk.output("", from: .terminal) == "")
    #expect(desk.output("# threads", from: .script) == "")
  }

  @Test("outcomes")
  func outcomes() {
    let desk = Desk()
    #expect(desk.interpreter.run("threads", from: .script) == .done)
    #expect(desk.interpreter.run("thraeds", from: .script) == .failed(.usage))
    #expect(desk.interpreter.run("thread 9", from: .script) == .failed(.failed))
    #expect(desk.context.ending == nil)
    #expect(desk.interpreter.run("q", from: .script) == .done)
    #expect(desk.context.ending == .quit)
  }

  @Test("output goes to files, and to shells")
  func redirection() throws {
    Signals.surviveClosedPipes()
    let desk = Desk()
    let path = NSTemporaryDirectory() + "kscope-commands-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(desk.output("caps > \(path)") == "")
    #expect(desk.output("caps >> \(path)") == "")
    let once = desk.output("caps")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == once + once)
    #expect(desk.output("caps | cat > \(path)") == "")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == once)
    #expect(
      desk.errors("caps > /nonexistent/x")
        == "kscope: cannot write /nonexistent/x: No such file or directory\n")
    #expect(
      desk.errors("caps | exit 3") == "kscope: the shell command ended with status 3\n")
  }

  @Test("the monitor's answer is escaped line by line")
  func monitor() {
    #expect(Desk().output("monitor x") == "fine \\e]0;title\\x07\nline two\n")
  }

  @Test("continue says why the target stopped")
  func continues() {
    let desk = Desk()
    desk.target.stops = [.init(.signal(11), cpu: 0)]
    #expect(desk.output("c").hasPrefix("stopped on CPU 0: signal 11\n"))
    #expect(desk.target.resumptions == [.run])
    #expect(desk.output("continue --for 10ms").hasPrefix("stopped: the time is up\n"))
    #expect(
      desk.errors("continue --timeout 10ms")
        == "kscope: the target did not stop within 0.01 s; it is stopped now\n")
    desk.target.stops = [.init(.exited(3), cpu: 0)]
    #expect(desk.output("c").hasPrefix("the guest has ended with status 3\n"))
  }
}
