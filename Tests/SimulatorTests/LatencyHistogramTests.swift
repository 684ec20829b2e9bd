import TestSupport
import Testing

@testable import Simulator

@Suite
struct LatencyHistogramTests {
    @Test(arguments: [0.0, 0.5, 0.9, 0.99, 0.999, 1.0])
    func `a percentile is at most two in a hundred above the exact one`(share: Double) {
        var random = SeededRandom(seed: testSeed.seed)
        var histogram = LatencyHistogram()
        var values: [UInt64] = []
        for _ in 0..<5_000 {
            let value = random.next() >> UInt64(34 + random.below(30))
            values.append(value)
            histogram.record(microseconds: value)
        }
        values.sort()
        let exact = values[max(0, Int((Double(values.count) * share).rounded(.up)) - 1)]
        let found = histogram.microseconds(at: share)
        #expect(found >= exact && Double(found) <= Double(exact) * 1.02 + 1, "\(testSeed)")
        #expect(histogram.count == 5_000)
        #expect(histogram.maxMicroseconds == values.last)
    }

    @Test
    func `none are zero and endless ones are kept`() {
        var histogram = LatencyHistogram()
        #expect(histogram.microseconds(at: 0.99) == 0)
        histogram.record(microseconds: .max)
        #expect(histogram.maxMicroseconds == .max)
        #expect(histogram.microseconds(at: 1) > 0)
    }
}
