/// Which lines of memory each view has touched, so that they can come in one burst at the next stop.
struct ViewTraces {
  /// Views remembered, and the most that is fetched ahead for one.
  static let viewLimit = 64
  static let byteLimit = 4 << 20

  private struct Trace {
    /// In the order of first touch, at the last stop at which the view was shown.
    var lines: [UInt64] = []
    var lineByteCount = 4096
    var age = 0
  }

  private var traces: [String: Trace] = [:]
  private var view = ""
  private var touched: Set<UInt64> = []
  private var order: [UInt64] = []
  /// What the view is expected to touch now; fetched with its first miss.
  private var expected: Trace?
  private var clock = 0

  /// What is touched from now on belongs to this view.
  mutating func begin(_ name: String) {
    guard name != view else { return }
    save()
    view = name
    expected = traces[name]
  }

  mutating func touch(_ line: UInt64) {
    if touched.insert(line).inserted { order.append(line) }
  }

  /// The target has run: nothing that was fetched is there any more.
  mutating func endGeneration(lineByteCount: Int) {
    self.lineByteCount = lineByteCount
    save()
    expected = traces[view]
  }
  private var lineByteCount = 4096

  /// Starts of lines, each time once.
  mutating func takeExpected(lineByteCount: Int) -> [UInt64] {
    self.lineByteCount = lineByteCount
    guard let trace = expected else { return [] }
    expected = nil
    var starts: [UInt64] = []
    var seen: Set<UInt64> = []
    for line in trace.lines {
      let first = line & ~UInt64(lineByteCount - 1)
      for start in stride(from: first, to: line &+ UInt64(trace.lineByteCount), by: lineByteCount)
      where seen.insert(start).inserted {
        starts.append(start)
      }
      guard starts.count * lineByteCount < Self.byteLimit else { break }
    }
    return starts
  }

  private mutating func save() {
    guard !order.isEmpty else { return }
    clock += 1
    traces[view] = Trace(lines: order, lineByteCount: lineByteCount, age: clock)
    touched.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
    guard traces.count > Self.viewLimit,
      let oldest = traces.min(by: { $0.value.age < $1.value.age })
    else { return }
    traces[oldest.key] = nil
  }
}
