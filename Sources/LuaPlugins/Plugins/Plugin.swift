import Binary
import Debugger
public import KernelModel

/// A plugin file that was loaded: its own Lua state and the table it returned.
public final class Plugin {
  /// The version of the API that plugins may ask for with `api`.
  public static let apiVersion: Int64 = 1

  private static let prelude = "kscope.k"
  private static let natives = "kscope.host"
  private static let metatable = "kscope.value"
  private static let main = "kscope.plugin"

  public let name: String
  /// The file it came from.
  public let path: String
  let state: LuaState
  let place: HostFunctions.Place
  /// What it returned; functions are only marked as such.
  let table: LuaTable

  /// Reads and runs a plugin's file.
  public convenience init(path: String) throws(KernelError) {
    try self.init(path: path, limits: LuaLimits())
  }

  convenience init(path: String, limits: LuaLimits) throws(KernelError) {
    let bytes: Bytes
    do throws(SystemError) {
      bytes = try Bytes(mapping: path)
    } catch {
      throw KernelError(.plugin, error.description)
    }
    guard bytes.count <= limits.fileBytes else {
      throw KernelError(.plugin, "\(path) is too large for a plugin (\(bytes.count) bytes)")
    }
    try self.init(source: Array(bytes), path: path, limits: limits)
  }

  init(source: [UInt8], path: String, limits: LuaLimits = LuaLimits()) throws(KernelError) {
    let title = Self.title(of: path)
    guard let state = LuaState(limits: limits) else {
      throw KernelError(.plugin, "plugin \(title): out of memory")
    }
    let place = HostFunctions.Place()
    place.state = state
    do throws(LuaError) {
      state.register(HostFunctions(place: place).table, keepAs: Self.natives)
      _ = try state.run(
        Array(Prelude.source.utf8), name: Prelude.chunkName,
        registered: [Self.natives, Self.metatable], keepAs: Self.prelude)
      let result = try state.run(source, name: "@" + title, keepAs: Self.main)
      (self.name, self.table) = try Self.check(result, title: title)
    } catch {
      throw Self.error(error, plugin: title)
    }
    self.path = path
    self.state = state
    self.place = place
  }

  private static func check(
    _ result: LuaValue, title: String
  ) throws(LuaError) -> (String, LuaTable) {
    guard let table = result.table, let name = table["name"].text, !name.isEmpty else {
      throw LuaError("\(title) must return a table with a 'name', not a \(result.kind)")
    }
    if let version = table["api"].integer, version != apiVersion {
      throw LuaError(
        "\(title) is written for version \(version) of the plugin API; this kscope has \(apiVersion)"
      )
    }
    return (name, table)
  }

  /// `bramble/init.lua`: what messages call the file.
  private static func title(of path: String) -> String {
    let parts = path.split(separator: "/")
    return parts.suffix(parts.last == "init.lua" ? 2 : 1).joined(separator: "/")
  }

  /// Whether it has a function of this name.
  func has(_ function: String) -> Bool { table[function].isFunction }

  /// Calls one of its functions as `function(k, arguments...)`.
  func call(_ function: String, _ arguments: [LuaValue] = []) throws(KernelError) -> LuaValue {
    do throws(LuaError) {
      return try state.call(function, of: Self.main, object: Self.prelude, arguments: arguments)
    } catch {
      throw Self.error(error, plugin: name)
    }
  }

  static func error(_ error: LuaError, plugin: String) -> KernelError {
    switch error.kind {
    case .interrupted: KernelError(.interrupted, "plugin \(plugin): \(error.message)")
    case .notInitialised:
      KernelError(
        .notInitialised, "the kernel is not initialised yet: \(error.message)",
        hint: "let it run on, or wait for it with `tb` and `c`")
    case .target: KernelError(.target, "plugin \(plugin): \(error.message)")
    case .failed, .limit: KernelError(.plugin, "plugin \(plugin): \(error.message)")
    }
  }
}
