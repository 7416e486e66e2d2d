import Expressions
import KernelModel
import Machine

extension Evidence {
  /// The most bytes that are kept of one thing read.
  static let maximumByteCount = 64

  /// What stands where a typed value is: its own bytes, and the text it points to.
  static func all(of value: Value) -> [Evidence] {
    let bytes = value.firstBytes(limit: maximumByteCount)
    let own = Evidence(
      path: value.path, type: value.type.name, address: value.address, bytes: bytes)
    guard let text = value.targetText(limit: maximumByteCount) else { return [own] }
    return [
      own,
      Evidence(path: value.path, type: "text", address: text.address, bytes: text.bytes),
    ]
  }
}
