/// Why Lua code failed. The message names file and line where there are any.
struct LuaError: Error, Equatable, CustomStringConvertible {
  enum Kind: Equatable {
    /// The code itself: syntax, `error()`, a wrong argument, a failed read.
    case failed
    /// It used more instructions or memory than it may.
    case limit
    case interrupted
    /// Memory or symbols of the target failed.
    case target
    /// Said by the plugin: the kernel has not set this up yet.
    case notInitialised
  }

  let kind: Kind
  let message: String

  init(_ message: String, kind: Kind = .failed) {
    self.kind = kind
    self.message = message
  }

  var description: String { message }
}

/// What a plugin may use up.
struct LuaLimits {
  /// Bytes of Lua's own memory.
  var memory = 64 << 20
  /// Instructions for one call from the host.
  var instructions: Int64 = 200_000_000
  /// Typed values made during one call.
  var values = 500_000
  /// Levels of tables that are copied out of Lua.
  var depth = 8
  /// Entries of tables that are copied out of Lua at once.
  var entries = 1_000_000
  /// Bytes of a plugin's file.
  var fileBytes = 1 << 20
}
