import Expressions

enum Evaluation {
  /// The value of an expression, as at the prompt.
  static func value(of text: String, in context: any EvaluationContext) throws(LuaError) -> Value {
    do throws(ExpressionError) {
      return try Expression(parsing: text).evaluate(in: context)
    } catch {
      if let cause = error.cause { throw LuaError(cause) }
      throw LuaError("expression '\(text)': \(error.message)")
    }
  }
}
