import TestSupport
import Testing

@testable import RemoteProtocol

@Suite struct LinkModelTests {
  /// Exchanges of all sizes over a line of this latency and speed, each some per cent off, one in
  /// eight held up for a tenth of a second.
  private func model(latency: Double, bytesPerSecond: Double) -> LinkModel {
    var generator = SeededGenerator(seed: 7)
    var model = LinkModel()
    for index in 0..<200 {
      let byteCount = index.isMultiple(of: 2) ? Int.random(in: 30...80, using: &generator) : 4100
      var seconds = latency + Double(byteCount) / bytesPerSecond
      seconds *= Double.random(in: 0.97...1.03, using: &generator)
      if index % 8 == 0 { seconds += 0.1 }
      model.record(byteCount: byteCount, seconds: seconds)
    }
    return model
  }

  @Test(arguments: [(60e-6, 30e6, 4096), (1e-3, 11_520, 64), (16e-3, 11_520, 512), (1, 30, 64)])
  func findsLatencyAndBandwidth(latency: Double, bytesPerSecond: Double, line: Int) throws {
    var model = model(latency: latency, bytesPerSecond: bytesPerSecond)
    let found = model.fit()
    let fit = try #require(found)
    // What a byte costs is known well; the latency as well as the noise of its exchanges allows.
    #expect(abs(fit.secondsPerByte * bytesPerSecond - 1) < 0.1)
    let noise = 0.05 * (latency + 55 / bytesPerSecond)
    #expect(abs(fit.latency - latency) < noise * 2)
    let count = model.fetchByteCount()
    #expect(count == line)
  }

  @Test func saysNothingBeforeItKnows() {
    var model = LinkModel()
    for _ in 0..<3 { model.record(byteCount: 40, seconds: 0.001) }
    var (fit, count) = (model.fit(), model.fetchByteCount())
    #expect(fit == nil)
    #expect(count == 4096)
    model.record(byteCount: 40, seconds: .nan)
    model.record(byteCount: 0, seconds: 1)
    (fit, count) = (model.fit(), model.fetchByteCount())
    #expect(fit == nil)
    #expect(count == 4096)
  }

  @Test func exchangesOfOneSizeTellTheLatency() {
    var model = LinkModel()
    for _ in 0..<10 { model.record(byteCount: 40, seconds: 0.002) }
    let fit = model.fit()
    #expect(fit == LinkModel.Fit(latency: 0.002, secondsPerByte: 0))
  }
}
