// Replaced when the parser lands on this branch.
public struct Expression {
  public init(parsing: String) throws(ValueError) {}
  public func evaluate(in c: any EvaluationContext) throws(ValueError) -> Value {
    throw ValueError(path: "", .limit(""))
  }
}
