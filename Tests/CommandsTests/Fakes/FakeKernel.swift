import KernelModel
import Machine

/// A kernel whose answers are given.
final class FakeKernel: Kernel {
  let name = "fake"
  let readySymbol: String? = nil
  var views: [ObjectKind: [KernelObject]] = [:]
  var failure: KernelError?
  var contexts: [String: ThreadContext] = [:]

  func objects(of kind: ObjectKind) throws(KernelError) -> [KernelObject] {
    if let failure { throw failure }
    guard let objects = views[kind] else {
      throw KernelError(.unsupported, "this kernel has no \(kind.plural)")
    }
    return objects
  }

  func context(ofThread id: String) throws(KernelError) -> ThreadContext {
    contexts[id] ?? .unavailable("it never ran")
  }

  /// Three threads: one fine, one with uncertain fields, one that could not be read to its end.
  static func sample() -> FakeKernel {
    let kernel = FakeKernel()
    kernel.views[.thread] = [
      KernelObject(
        kind: .thread, id: "101",
        fields: [
          "name": Field(.text("idle")), "state": Field(.text("idle")),
          "blocked_on": Field(.none), "cpu": Field(.reference(.init(.cpu, "0"))),
          "priority": Field(.number(0)), "domain": Field(.reference(.init(.domain, "0"))),
          "pc": Field(.address(0xffff_ff80_4020_0804)), "generation": Field(.number(0)),
        ]),
      KernelObject(
        kind: .thread, id: "105",
        fields: [
          "name": Field(.text("fs\u{1b}[31m")),
          "state": Field(.text("blocked"), certainty: .inferred("by its place in a queue")),
          "blocked_on": Field(
            .reference(.init(.endpoint, "3")),
            evidence: [
              Evidence(
                path: "bramble::thread::THREAD_MAP[105].state", type: "State",
                address: Address(0xffff_ff80_4024_1000), bytes: [2, 0, 0, 0])
            ]),
          "cpu": Field(.none), "priority": Field(.number(2)),
          "domain": Field(.reference(.init(.domain, "2"))),
          "pc": Field.unavailable("the page is not mapped"), "generation": Field(.number(1)),
        ]),
      KernelObject(
        kind: .thread, id: "106", fields: ["name": Field(.text("disk"))],
        problem: "cannot read 0x0000000000000010"),
    ]
    kernel.views[.endpoint] = [
      KernelObject(
        kind: .endpoint, id: "3",
        fields: [
          "name": Field(.text("fs")), "kind": Field(.text("rendezvous")),
          "depth": Field(.number(2)), "capacity": Field(.none),
          "senders": Field(
            .list([.reference(.init(.thread, "105")), .reference(.init(.thread, "106"))])),
          "receivers": Field(.list([])),
        ])
    ]
    kernel.views[.message] = []
    kernel.views[.capability] = [
      KernelObject(
        kind: .capability, id: "2:0",
        fields: [
          "domain": Field(.reference(.init(.domain, "2"))), "slot": Field(.number(0)),
          "object": Field(.reference(.init(.endpoint, "3"))), "rights": Field(.text("s-g-")),
          "badge": Field(.hex(0x2a)), "parent": Field(.none),
        ])
    ]
    return kernel
  }
}
