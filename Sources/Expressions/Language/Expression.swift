/// An expression of kscope's language: paths, fields, elements, arithmetic, casts.
public struct Expression {
  /// As it was written.
  public let source: String
  let syntax: Syntax

  public init(parsing source: String) throws(ExpressionError) {
    self.source = source
    syntax = try Parser.parse(source)
  }

  /// Its value, at this place and now. Reads no more than it must.
  public func evaluate(in context: any EvaluationContext) throws(ExpressionError) -> Value {
    try Evaluator(context: context, source: source).value(of: syntax)
  }
}
