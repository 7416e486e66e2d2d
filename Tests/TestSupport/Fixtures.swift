import Foundation

/// Files that tests read: those that are checked in, and those that a build of the kernel left.
public enum Fixtures {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The path of a file below `Tests/Fixtures`.
  public static func path(_ name: String) -> String {
    root.appendingPathComponent("Tests/Fixtures/" + name).path
  }

  /// Compiled programs with debugging information in DWARF 4 and 5.
  public static let shapes = ["v4-O1", "v5-O1"].map { path("shapes/shapes-\($0).elf") }

  /// All programs at hand, the kernel's own images too when they have been built.
  public static var programs: [String] {
    let folder = root.appendingPathComponent(".build/bramble")
    // The kernels of other boards and servers differ too little to be worth the time.
    let built = ["bramble", "servers", "servers-O2", "user"]
    return shapes + built.map { folder.appendingPathComponent($0).path }.filter { isELF($0) }
  }

  private static func isELF(_ path: String) -> Bool {
    let file = FileHandle(forReadingAtPath: path)
    defer { try? file?.close() }
    return (try? file?.read(upToCount: 4)) == Data([0x7f, 0x45, 0x4c, 0x46])
  }
}
