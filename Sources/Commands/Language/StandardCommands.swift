import KernelModel

extension CommandTable {
  /// Every command that kscope has, in the order of `help`.
  public static let standard = CommandTable(kernel + stack + memory + execution + general)

  private static let kernel: [any Command] = [
    ListCommand(
      name: "threads", kind: .thread, aliases: ["info threads", "ps"],
      summary: "kernel threads, sleeping ones too"),
    ThreadCommand(),
    ListCommand(name: "domains", kind: .domain, summary: "protection domains and their servers"),
    DetailCommand(
      name: "domain", kind: .domain, summary: "a domain with its threads and capabilities",
      parts: [(.thread, "domain"), (.capability, "domain"), (.endpoint, "owner")]),
    ListCommand(name: "spaces", kind: .space, summary: "address spaces"),
    DetailCommand(
      name: "space", kind: .space, summary: "an address space with its domains",
      parts: [(.domain, "space")]),
    ListCommand(
      name: "caps", kind: .capability, aliases: ["capabilities"],
      summary: "capabilities, who holds them and where they came from"),
    DetailCommand(
      name: "cap", kind: .capability, summary: "a capability, and what was derived from it",
      parts: [(.capability, "parent")]),
    IPCCommand(),
    ListCommand(name: "endpoints", kind: .endpoint, summary: "IPC endpoints"),
    DetailCommand(
      name: "endpoint", kind: .endpoint, summary: "an endpoint with its messages",
      parts: [(.message, "endpoint"), (.thread, "blocked_on")]),
    ListCommand(name: "messages", kind: .message, summary: "messages that wait in queues"),
    ListCommand(
      name: "notifications", kind: .notification, summary: "bits that threads wait for"),
    ListCommand(
      name: "irqs", kind: .irq, aliases: ["interrupts"],
      summary: "device interrupts, and what they signal"),
    ListCommand(name: "locks", kind: .lock, summary: "locks that threads wait for"),
    ListCommand(
      name: "pages", kind: .frame,
      summary: "memory frames, who pays for them and where they are mapped"),
    ListCommand(name: "accounts", kind: .account, summary: "what each domain owns"),
    ListCommand(name: "rings", kind: .ring, summary: "the kernel's own traces, how full they are"),
    RecoveryCommand(), CPUsCommand(), CPUCommand(), WhyCommand(),
  ]

  private static let stack: [any Command] = [
    BacktraceCommand(),
    FrameCommand(name: "frame", move: .to, aliases: ["f"], summary: "select a frame"),
    FrameCommand(name: "up", move: .up, summary: "select the calling frame"),
    FrameCommand(name: "down", move: .down, summary: "select the called frame"),
    InfoRegistersCommand(), InfoLocalsCommand(), InfoSymbolCommand(), SourceCommand(),
  ]

  private static let memory: [any Command] = [
    PrintCommand(), ExamineCommand(), DisassembleCommand(),
    InfoImagesCommand(name: "info images"), InfoImagesCommand(name: "image list"),
  ]

  private static let execution: [any Command] = [
    BreakCommand(
      name: "break", aliases: ["b", "br"], kind: .software, isTemporary: false,
      summary: "stop when a place is reached"),
    BreakCommand(
      name: "tbreak", aliases: ["tb"], kind: .software, isTemporary: true,
      summary: "stop there once"),
    BreakCommand(
      name: "hbreak", aliases: ["hb"], kind: .hardware, isTemporary: false,
      summary: "stop there, with a breakpoint of the hardware"),
    InfoBreakpointsCommand(), DeleteCommand(), ContinueCommand(),
    StepCommand(name: "stepi", isOver: false, aliases: ["si"]),
    StepCommand(name: "nexti", isOver: true, aliases: ["ni"]),
    ConsoleCommand(), MonitorCommand(),
  ]

  private static let general: [any Command] = [
    HelpCommand(), AproposCommand(), InfoTargetCommand(), PluginCommand(), SetCommand(),
    QuitCommand(), KillCommand(),
  ]
}
