import Foundation
import Testing

/// The prompt, at a terminal, on a real guest.
@Suite(.serialized) struct PromptTests {
  private func start(_ folder: ScratchFolder) throws -> Typist {
    let images = ["bramble", "servers", "user"].flatMap { ["-k", Checkout.bramble($0)] }
    return try Typist(
      [Checkout.kscope, "run"] + images + ["--"]
        + [
          "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "1", "-m", "256M",
          "-kernel", Checkout.bramble("bramble"), "-append", "scenario=steady",
        ],
      environment: ["XDG_STATE_HOME": folder.path, "TMPDIR": folder.path])
  }

  @Test func typingCompletingInterruptingAndLeaving() throws {
    let folder = ScratchFolder()
    let typist = try start(folder)
    #expect(typist.expect("bramble[halted cpu0] > ", seconds: 60) != nil, "\(typist.text)")

    let threads = try #require(typist.ask("threads"))
    #expect(threads.hasPrefix("thread  name"))
    // An empty line repeats.
    #expect(typist.ask("") == threads)

    // Completion: of a path by its last part, of an id, of a family.
    typist.type("info sym bramble_truth_e\t")
    #expect(typist.expect("truth::bramble_truth_end") != nil, "\(typist.text)")
    #expect(typist.ask("")?.contains("truth.rs:") == true)
    typist.type("info regis\tpc\n")
    #expect(typist.expect("pc              0xffffff80") != nil, "\(typist.text)")
    #expect(typist.expect("] > ") != nil)

    // Ctrl-C drops a line, and stops a running target; the session lives on.
    typist.type("this is no command\u{3}")
    #expect(typist.expect("] > ") != nil)
    typist.type("continue\n")
    Thread.sleep(forTimeInterval: 0.5)
    typist.type("\u{3}")
    #expect(typist.expect("stopped on CPU 0: interrupted") != nil, "\(typist.text)")
    #expect(typist.expect("] > ") != nil)
    #expect(typist.ask("threads | head -1")?.hasPrefix("thread  name") == true)
    #expect(typist.ask("thraeds")?.contains("did you mean 'threads'?") == true)

    // Ctrl-D leaves; the history is private.
    typist.type("\u{4}")
    #expect(typist.end() == 0)
    let history = folder.file("kscope/history")
    let attributes = try FileManager.default.attributesOfItem(atPath: history)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(folder.text("kscope/history").contains("continue"))
    // QEMU's private folder went with it.
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left == ["kscope"])
  }

  @Test func hangUpEndsItAndItsGuest() throws {
    let folder = ScratchFolder()
    let typist = try start(folder)
    #expect(typist.expect("] > ", seconds: 60) != nil)
    #expect(typist.ask("!kill -HUP $PPID", seconds: 2) == nil)
    #expect(typist.end() == 129)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left == ["kscope"])
  }
}
