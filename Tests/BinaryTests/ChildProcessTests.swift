import Binary
import Testing

@Suite struct ChildProcessTests {
  private func wait(for child: ChildProcess) {
    let end = ContinuousClock.now + .seconds(10)
    while !child.hasExited, ContinuousClock.now < end {}
  }

  @Test func endsByItselfWithItsStatus() throws {
    let child = try ChildProcess(["sh", "-c", "exit 7"], outputPath: "/dev/null")
    wait(for: child)
    #expect(child.exitStatus == 7)
    child.terminate()
    #expect(child.exitStatus == 7)
  }

  @Test func outputGoesToTheFile() throws {
    let path = "/tmp/kscope-test-\(UInt64.random(in: 0...UInt64.max).hex())"
    let child = try ChildProcess(["sh", "-c", "echo out; echo err >&2; cat"], outputPath: path)
    wait(for: child)
    // Standard input is empty, so `cat` ends.
    #expect(try Bytes(mapping: path).array == Array("out\nerr\n".utf8))
    #expect(child.exitStatus == 0)
    wait(for: try ChildProcess(["rm", path], outputPath: "/dev/null"))
  }

  @Test func isEndedWhenAskedAndWhenItDoesNotListen() throws {
    let polite = try ChildProcess(["sleep", "60"], outputPath: "/dev/null")
    #expect(!polite.hasExited)
    #expect(polite.exitStatus == nil)
    polite.terminate()
    #expect(polite.exitStatus == 128 + 15)
    let deaf = try ChildProcess(
      ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], outputPath: "/dev/null")
    // The trap takes a moment to be set; before it, TERM ends the shell.
    deaf.terminate(afterSeconds: 0.1)
    #expect(deaf.hasExited)
  }

  @Test func whatCannotBeStarted() {
    #expect {
      try ChildProcess(["/nonexistent/program"], outputPath: "/dev/null")
    } throws: {
      ($0 as? SystemError)?.description
        == "cannot start /nonexistent/program: No such file or directory"
    }
    #expect(throws: SystemError.self) { try ChildProcess([], outputPath: "/dev/null") }
    #expect(throws: SystemError.self) { try ChildProcess(["a\0b"], outputPath: "/dev/null") }
    #expect(throws: SystemError.self) { try ChildProcess(["true"], outputPath: "/nonexistent/x") }
  }
}
