/// How far debugging information may go before it is taken for damaged.
enum Limits {
  /// Nesting of DIEs.
  static let depth = 4096
  /// References followed from one DIE to another.
  static let references = 32
  /// Entries of one range or location list.
  static let listEntries = 1 << 20
  /// Attributes of one abbreviation.
  static let attributes = 4096
  /// Rows of one line program.
  static let lineRows = 10_000_000
  /// Files or directories of one line program.
  static let lineFiles = 1 << 20
  /// States remembered at once in one call frame program.
  static let rememberedStates = 64
  /// Entries of an exception table.
  static let callSites = 1 << 20
}
