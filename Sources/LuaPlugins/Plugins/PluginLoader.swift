public import Debugger
import FoundationEssentials
public import KernelModel

/// Finds plugins and the one that fits a target.
public struct PluginLoader {
  /// Directories that hold `kernels/NAME/init.lua`, the first ones go first.
  public let directories: [String]

  /// nil: the standard places.
  public init(directories: [String]? = nil) {
    self.directories = directories ?? Self.standardDirectories()
  }

  /// `$KSCOPE_PLUGINS` (separated by `:`), the user's own, those installed with kscope, and for
  /// development the `plugins` above the executable.
  public static func standardDirectories() -> [String] {
    let environment = ProcessInfo.processInfo.environment
    var directories = (environment["KSCOPE_PLUGINS"] ?? "").split(separator: ":").map(String.init)
    if let data = environment["XDG_DATA_HOME"], !data.isEmpty {
      directories.append(data + "/kscope/plugins")
    } else if let home = environment["HOME"], !home.isEmpty {
      directories.append(home + "/.local/share/kscope/plugins")
    }
    let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    guard var parts = executable?.split(separator: "/"), !parts.isEmpty else { return directories }
    parts.removeLast()
    directories.append("/" + parts.dropLast().joined(separator: "/") + "/share/kscope/plugins")
    while !parts.isEmpty {
      directories.append("/" + parts.joined(separator: "/") + "/plugins")
      parts.removeLast()
    }
    return directories
  }

  /// All kernel plugins by name; one that stands in several directories counts once.
  public func kernelPlugins() -> [(name: String, path: String)] {
    var found: [(name: String, path: String)] = []
    for directory in directories {
      let folder = directory + "/kernels"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names.sorted() where !found.contains(where: { $0.name == name }) {
        let path = "\(folder)/\(name)/init.lua"
        if FileManager.default.fileExists(atPath: path) { found.append((name, path)) }
      }
    }
    return found
  }

  /// The plugin of this name, or in this file or directory (a name with a `/` or ending in `.lua`).
  public func plugin(_ name: String) throws(KernelError) -> Plugin {
    if name.contains("/") || name.hasSuffix(".lua") {
      return try Plugin(path: name.hasSuffix(".lua") ? name : name + "/init.lua")
    }
    let known = kernelPlugins()
    if let found = known.first(where: { $0.name == name }) { return try Plugin(path: found.path) }
    let names = known.map(\.name).joined(separator: ", ")
    throw KernelError(
      .plugin, "there is no plugin '\(name)'",
      hint: names.isEmpty ? "set KSCOPE_PLUGINS to the plugins' directory" : "there are: \(names)")
  }

  /// What came of asking every plugin.
  public struct Detection {
    /// The one that fits best, or nil: none fits.
    public var kernel: LuaKernel?
    /// Plugins that failed.
    public var problems: [KernelError] = []
  }

  /// Asks all plugins how well they fit the session's images.
  public func detect(for session: Session) -> Detection {
    detect(in: SessionEnvironment(session))
  }

  func detect(in environment: any PluginEnvironment) -> Detection {
    var detection = Detection()
    var best = 0
    for entry in kernelPlugins() {
      do throws(KernelError) {
        let kernel = LuaKernel(plugin: try Plugin(path: entry.path), environment: environment)
        let fit = try kernel.fit()
        if fit > best { (best, detection.kernel) = (fit, kernel) }
      } catch {
        detection.problems.append(error)
      }
    }
    return detection
  }

  /// The kernel that `name` describes, or without a name the best fit; nil: none fits.
  public func kernel(named name: String?, for session: Session) throws(KernelError) -> LuaKernel? {
    guard let name else { return detect(for: session).kernel }
    return LuaKernel(plugin: try plugin(name), session: session)
  }
}
