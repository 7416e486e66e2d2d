public import Machine
public import Symbols

/// The only way out of the evaluator: names, registers, memory of the place where it evaluates.
public protocol EvaluationContext: AnyObject {
  /// A local variable, or a static by path or unique suffix; nil when there is none of that name.
  /// Throws when a name is ambiguous (the message lists the candidates) or its image is malformed.
  func variable(named path: String) throws(ValueError) -> Value?
  /// A function's address as a value of type `function`, or nil.
  func function(named path: String) throws(ValueError) -> Value?
  /// A register without its `$` (`pc`, `x0`, `ttbr0_el1`), or nil when there is none of that name.
  func register(named name: String) throws(ValueError) -> Value?
  /// A type for casts, or nil.
  func type(named name: String) throws(ValueError) -> Type?
  /// The value `$N` of the history, or nil. 0 is the last one (`$`), -1 the one before (`$$`).
  func history(_ number: Int) -> Value?
  /// Memory for casts of plain numbers to pointers.
  var memory: any MemoryReader { get }
  var architecture: Architecture { get }
}
