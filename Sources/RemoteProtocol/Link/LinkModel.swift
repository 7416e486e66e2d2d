/// How fast a line is, learned from its own traffic: an exchange of n bytes takes
/// `latency + n / bandwidth` seconds.
///
/// Both are fitted by Theil and Sen's method (the median of the slopes between all pairs), which a
/// few exchanges that were held up do not move.
struct LinkModel {
  /// One exchange: bytes in both directions, and seconds until the last one came.
  struct Sample: Equatable {
    let byteCount: Int
    let seconds: Double
  }

  struct Fit: Equatable {
    /// Of an exchange without any bytes.
    let latency: Double
    /// For each byte; never negative.
    let secondsPerByte: Double
  }

  /// Exchanges of up to so many bytes count as small.
  static let smallByteCount = 256
  /// Samples kept of each size, and needed altogether.
  static let sampleLimit = 24
  static let sampleMinimum = 4

  /// The latest small and large exchanges; kept apart, so that many of one leave some of the other.
  private var small = Ring()
  private var large = Ring()
  private var known: Fit?

  mutating func record(byteCount: Int, seconds: Double) {
    guard byteCount > 0, seconds > 0, seconds.isFinite else { return }
    let sample = Sample(byteCount: byteCount, seconds: seconds)
    if byteCount <= Self.smallByteCount { small.append(sample) } else { large.append(sample) }
    known = nil
  }

  /// nil: too little traffic so far. The work is done when it is asked for.
  mutating func fit() -> Fit? {
    if let known { return known }
    let samples = small.samples + large.samples
    guard samples.count >= Self.sampleMinimum else { return nil }
    let slope = max(0, Self.median(Self.slopes(samples)) ?? 0)
    let rests = samples.map { $0.seconds - slope * Double($0.byteCount) }
    known = Fit(latency: max(0, Self.median(rests) ?? 0), secondsPerByte: slope)
    return known
  }

  /// Bytes of memory that are worth fetching when some of them are asked for: what takes a few times
  /// as long as asking (memory travels as two digits a byte). A power of two from 64 to 4096: exact
  /// objects on a serial line, pages on a socket.
  mutating func fetchByteCount() -> Int {
    guard let fit = fit(), fit.secondsPerByte > 0 else { return 4096 }
    let worth = 8 * fit.latency / fit.secondsPerByte
    var count = 64
    while count < 4096, Double(count * 2) * 2 <= worth { count *= 2 }
    return count
  }

  /// Seconds that an exchange of so many bytes should take; nil: not known.
  mutating func expectedSeconds(byteCount: Int) -> Double? {
    fit().map { $0.latency + $0.secondsPerByte * Double(byteCount) }
  }

  private static func slopes(_ samples: [Sample]) -> [Double] {
    var slopes: [Double] = []
    for (index, first) in samples.enumerated() {
      for second in samples[(index + 1)...] {
        let difference = second.byteCount - first.byteCount
        // Pairs of nearly equal size tell of nothing but noise.
        guard abs(difference) >= 64 else { continue }
        slopes.append((second.seconds - first.seconds) / Double(difference))
      }
    }
    return slopes
  }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    return values.sorted()[values.count / 2]
  }

  /// The last samples, oldest overwritten first.
  private struct Ring {
    var samples: [Sample] = []
    private var next = 0

    mutating func append(_ sample: Sample) {
      if samples.count < LinkModel.sampleLimit {
        samples.append(sample)
      } else {
        samples[next] = sample
        next = (next + 1) % LinkModel.sampleLimit
      }
    }
  }
}

/// What has gone over a line.
struct LinkTraffic: Equatable {
  /// Times that nothing could be done but wait for an answer.
  var waits = 0
  var sentPackets = 0
  var sentBytes = 0
  var receivedBytes = 0
  var resends = 0

  var byteCount: Int { sentBytes + receivedBytes }
}
