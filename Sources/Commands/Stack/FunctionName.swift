import Expressions

/// Names of functions for people; JSON and `bt -full` have them whole.
enum FunctionName {
  /// The longest list of generic arguments that is still shown.
  private static let longestArguments = 48

  /// Generic arguments without namespaces, or `<...>` where they are long even so:
  /// `catch::run<Result<Reply, Error>, {closure_env#0}>`.
  static func short(_ name: String) -> String {
    let head = TypeName.head(name)
    guard !head.isEmpty, head.endIndex < name.endIndex, name.hasSuffix(">") else { return name }
    let arguments = TypeName.short(String(name[head.endIndex...].dropFirst().dropLast()))
    return arguments.count > longestArguments ? "\(head)<...>" : "\(head)<\(arguments)>"
  }
}
