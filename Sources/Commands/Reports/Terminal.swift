/// What is known of the place that text goes to.
public struct Terminal: Sendable, Equatable {
  /// `--color`.
  public enum ColorChoice: String, Sendable, CaseIterable { case auto, always, never }

  public var usesColor: Bool
  /// Columns, or nil: no limit (a file or a pipe).
  public var width: Int?

  public init(usesColor: Bool = false, width: Int? = nil) {
    self.usesColor = usesColor
    self.width = width
  }

  /// Decides by the user's choice first, then `NO_COLOR` (no-color.org), `CLICOLOR_FORCE`, and what stdout is.
  ///
  /// A width of 0 (a window without a size) counts as 80.
  public init(
    choice: ColorChoice, isTerminal: Bool, width: Int?, environment: [String: String]
  ) {
    func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
    let wantsColor: Bool
    switch choice {
    case .always: wantsColor = true
    case .never: wantsColor = false
    case .auto where isSet("NO_COLOR"): wantsColor = false
    case .auto where isSet("CLICOLOR_FORCE") && environment["CLICOLOR_FORCE"] != "0":
      wantsColor = true
    case .auto: wantsColor = isTerminal && isSet("TERM") && environment["TERM"] != "dumb"
    }
    self.usesColor = wantsColor
    self.width = isTerminal ? max((width ?? 0) > 0 ? width ?? 80 : 80, 20) : nil
  }
}

/// What a piece of text means; a terminal with colour shows it.
public enum Style: Sendable, Equatable {
  case plain, heading, name, dim, good, busy, waiting, bad

  /// Select Graphic Rendition (ECMA-48 §8.3.117) parameters.
  var code: String? {
    switch self {
    case .plain: nil
    case .heading: "1"
    case .name: "36"
    case .dim: "2"
    case .good: "32"
    case .busy: "34"
    case .waiting: "33"
    case .bad: "31"
    }
  }
}
