/// Latencies in buckets that are at most 1/64 wide, from a microsecond to an hour, in 2 KiB times eight.
package struct LatencyHistogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: Self.bucketsMax)
    package private(set) var count: UInt64 = 0
    package private(set) var maxMicroseconds: UInt64 = 0

    // Limit: 32 octaves of microseconds, some 71 minutes; longer ones fall into the last bucket.
    private static let bucketsMax = 64 * 27

    package init() {}

    package mutating func record(microseconds: UInt64) {
        counts[min(Self.bucket(microseconds), Self.bucketsMax - 1)] += 1
        count += 1
        maxMicroseconds = max(maxMicroseconds, microseconds)
    }

    /// The upper edge of the bucket that holds the given share (0.99) of all latencies; 0 when there are none.
    package func microseconds(at share: Double) -> UInt64 {
        var left = (Double(count) * share).rounded(.up)
        for (bucket, number) in counts.enumerated() where number > 0 {
            left -= Double(number)
            if left <= 0 { return min(Self.upperEdge(bucket), maxMicroseconds) }
        }
        return maxMicroseconds
    }

    /// Below 64 a bucket a microsecond; above, 64 buckets an octave.
    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 64 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount - 6
        return 64 * (octave + 1) + Int(value >> UInt64(octave)) - 64
    }

    private static func upperEdge(_ bucket: Int) -> UInt64 {
        guard bucket >= 64 else { return UInt64(bucket) }
        let octave = UInt64(bucket / 64 - 1)
        return (UInt64(bucket % 64) + 65) << octave - 1
    }
}
