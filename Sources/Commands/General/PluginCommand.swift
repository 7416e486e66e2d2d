import KernelModel

/// Which plugin explains the kernel, and what it can show.
struct PluginCommand: Command {
  let name = "plugin"
  let summary = "the kernel plugin in use and which views work"
  let group = CommandGroup.general
  let usage = ["plugin"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    let kernel = try context.requireKernel()
    var report = Report(title: "plugin \(kernel.name)")
    var table = Table([
      .init("view", expendability: 0), .init("objects", .right),
      .init("rows with problems", .right),
      .init("state", isElastic: true),
    ])
    var views: [JSON] = []
    for kind in ObjectKind.allCases {
      do throws(KernelError) {
        let objects = try kernel.objects(of: kind)
        let problems = objects.count { $0.problem != nil }
        table.add([kind.plural, String(objects.count), String(problems), "works"])
        views.append([
          "kind": .string(kind.rawValue), "objects": .int(objects.count),
          "problems": .int(problems), "error": .null,
        ])
      } catch {
        table.add([kind.plural, "-", "-", error.message])
        views.append(["kind": .string(kind.rawValue), "error": .string(error.message)])
      }
    }
    report.add(table)
    report.data = ["name": .string(kernel.name), "views": .array(views)]
    return report
  }
}
