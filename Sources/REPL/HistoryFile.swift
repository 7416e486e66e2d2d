import Binary

/// Where typed lines are kept between sessions.
enum HistoryFile {
  /// `$XDG_STATE_HOME/kscope/history`, its folder made when needed; nil: there is no home.
  static func path() -> String? {
    let state: String
    if let folder = StandardStreams.environment("XDG_STATE_HOME"), folder.hasPrefix("/") {
      state = folder
    } else if let home = StandardStreams.environment("HOME"), home.hasPrefix("/") {
      state = home + "/.local/state"
    } else {
      return nil
    }
    do { try OutputFile.makeFolder(state + "/kscope") } catch { return nil }
    return state + "/kscope/history"
  }
}
