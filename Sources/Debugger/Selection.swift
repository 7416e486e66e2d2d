public import Machine

/// What is being looked at: a CPU, or a kernel thread that does not run.
public struct Selection: Sendable {
  public enum Subject: Equatable, Sendable {
    case cpu(Int)
    /// A kernel thread by its id; its saved registers stand in `registers`.
    case thread(String)
  }

  public let subject: Subject
  public let registers: RegisterValues
  public let space: AddressSpace

  public init(subject: Subject, registers: RegisterValues, space: AddressSpace) {
    self.subject = subject
    self.registers = registers
    self.space = space
  }
}
