public import Binary

/// A serial line and how it is set: `/dev/ttyUSB0@115200,8n1,rtscts`.
public struct SerialAddress: Hashable, Sendable, CustomStringConvertible {
  /// What stops a running target.
  public enum Interruption: String, Hashable, Sendable, CaseIterable {
    /// The byte 0x03.
    case byte = "ctrl-c"
    /// A BREAK.
    case signal = "break"
    /// A BREAK and `g`, as Linux wants it.
    case systemRequest = "sysrq-g"
  }

  public var device: String
  public var settings = SerialPort.Settings()
  public var interruption = Interruption.byte

  static let usualBaud: UInt32 = 115_200

  /// Parses `DEVICE[@BAUD][,OPTION]...`; an option is a speed, a frame (`8n1`), a parity, a flow
  /// control or `interrupt=HOW`.
  init(parsing text: String) throws(TargetAddress.ParseError) {
    var options = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var name = options.removeFirst()
    if let mark = name.lastIndex(of: "@") {
      options.insert(String(name[name.index(after: mark)...]), at: 0)
      name = String(name[..<mark])
    }
    guard !name.isEmpty else { throw .noDevice }
    device = name
    // A pseudo-terminal has no speed; a real line always has one, and this one is usual.
    if !name.hasPrefix("/dev/pts/") { settings.baud = Self.usualBaud }
    for option in options { try apply(option) }
  }

  private mutating func apply(_ option: String) throws(TargetAddress.ParseError) {
    if let how = option.dropping("interrupt=") {
      guard let way = Interruption(rawValue: how) else { throw .badSerialOption(option) }
      interruption = way
    } else if let parity = SerialPort.Parity(rawValue: option) {
      settings.parity = parity
    } else if let flow = SerialPort.FlowControl(rawValue: option) {
      settings.flowControl = flow
    } else if let baud = UInt32(option), (50...20_000_000).contains(baud) {
      settings.baud = baud
    } else if !applyFrame(Array(option.utf8)) {
      throw .badSerialOption(option)
    }
  }

  /// `8n1`: data bits, parity, stop bits.
  private mutating func applyFrame(_ frame: [UInt8]) -> Bool {
    let parities: [UInt8: SerialPort.Parity] = [
      UInt8(ascii: "n"): .none, UInt8(ascii: "e"): .even, UInt8(ascii: "o"): .odd,
      UInt8(ascii: "m"): .mark, UInt8(ascii: "s"): .space,
    ]
    guard frame.count == 3, (0x35...0x38).contains(frame[0]), let parity = parities[frame[1]],
      (0x31...0x32).contains(frame[2])
    else { return false }
    settings.dataBits = Int(frame[0] - 0x30)
    settings.parity = parity
    settings.stopBits = Int(frame[2] - 0x30)
    return true
  }

  public var description: String {
    var text = device
    if let baud = settings.baud { text += "@\(baud)" }
    if settings.dataBits != 8 || settings.parity != .none || settings.stopBits != 1 {
      text += ",\(settings.dataBits)\(settings.parity.rawValue.prefix(1))\(settings.stopBits)"
    }
    if settings.flowControl != .none { text += ",\(settings.flowControl.rawValue)" }
    if interruption != .byte { text += ",interrupt=\(interruption.rawValue)" }
    return text
  }
}
