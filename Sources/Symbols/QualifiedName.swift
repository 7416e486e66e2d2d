/// The parts of a name such as `a::b<c::d>::e`, cut at each `::` that is not within brackets.
struct QualifiedName {
  let components: [Substring]

  init(_ text: String) {
    var components: [Substring] = []
    var depth = 0
    var start = text.startIndex
    var position = start
    var previous: UInt8 = 0
    let bytes = text.utf8
    while position < text.endIndex {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "<"), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      // Not the arrow of `fn() -> T`.
      case UInt8(ascii: ">") where previous == UInt8(ascii: "-"): break
      case UInt8(ascii: ">"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth = max(0, depth - 1)
      case UInt8(ascii: ":") where depth == 0 && previous == byte:
        components.append(text[start..<bytes.index(before: position)])
        start = bytes.index(after: position)
        previous = 0
        position = start
        continue
      default: break
      }
      previous = byte
      position = bytes.index(after: position)
    }
    components.append(text[start...])
    self.components = components
  }

  /// Each way to cut the name in two: the last `count` components as an item's own name, the rest
  /// its scopes. More than one, because names of references and trait objects contain `::`
  /// themselves.
  var cuts: [(scopes: ArraySlice<Substring>, name: String)] {
    (1...components.count).map { count in
      let cut = components.count - count
      return (components[..<cut], components[cut...].joined(separator: "::"))
    }
  }
}
