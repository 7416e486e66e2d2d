import Binary
import Debugger

/// The files that symbols come from, and where they stand.
struct InfoImagesCommand: Command {
  let name: String
  var aliases: [String] = []
  let summary = "files that symbols come from"
  let group = CommandGroup.memory
  var usage: [String] { [name] }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    var report = Report()
    var table = Table([
      .init("image", expendability: 0, isElastic: true), .init("belongs to"),
      .init("bias", expendability: 2), .init("debug info", expendability: 3),
      .init("build-id", expendability: 4),
    ])
    var data: [JSON] = []
    for loaded in context.session.images {
      let buildID = loaded.image.buildID.map { String(decoding: Hex.encode($0), as: UTF8.self) }
      let binding = Self.words(loaded, context)
      table.add([
        loaded.image.name, binding, loaded.bias.hex(),
        loaded.image.hasDebugInformation ? "yes" : "no", buildID ?? "-",
      ])
      data.append([
        "name": .string(loaded.image.name), "path": .string(loaded.image.path),
        "belongs_to": .string(binding), "bias": .hex(loaded.bias),
        "debug_information": .bool(loaded.image.hasDebugInformation), "build_id": .text(buildID),
      ])
    }
    if data.isEmpty {
      report.notes.append("no images: give ELF files with -k")
    } else {
      report.add(table)
    }
    report.data = ["images": .array(data)]
    return report
  }

  private static func words(_ loaded: LoadedImage, _ context: CommandContext) -> String {
    var binding = loaded.binding
    if binding == .anyUserSpace,
      let known = context.session.knowledge?.spaces(ofImage: loaded.image.name)
    {
      binding = .spaces(known)
    }
    return switch binding {
    case .kernel: "kernel"
    case .anyUserSpace: "user spaces"
    case .spaces(let ids) where ids.isEmpty: "no space now"
    case .spaces(let ids):
      (ids.count == 1 ? "space " : "spaces ") + ids.sorted().joined(separator: ",")
    }
  }
}
