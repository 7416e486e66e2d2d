import Expressions

enum Evaluation {
  /// The value of an expression.
  static func value(of text: String, in context: any EvaluationContext) throws(LuaError) -> Value {
    throw LuaError("expressions are not available to plugins yet; use k:global")
  }
}
