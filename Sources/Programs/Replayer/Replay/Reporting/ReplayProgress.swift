/// How far a running replay is.
package struct ReplayProgress: Sendable, Equatable {
    /// One partition's part of the window.
    package struct Partition: Sendable, Equatable {
        package let partition: Int32
        package let first: Int64
        package let end: Int64
        /// Everything before this offset has been taken out of the partition.
        package let next: Int64
        package let state: State

        /// Between 0 and 1.
        package var share: Double { end > first ? Double(next - first) / Double(end - first) : 1 }
    }

    package enum State: String, Sendable {
        case reading
        /// All others wait for it.
        case awaited
        case done
    }

    /// Offsets that are behind it, and those of the whole window.
    package internal(set) var offsets: Int64
    package internal(set) var offsetsMax: Int64
    package internal(set) var counts: ReplayCounts
    /// Offered and not settled.
    package internal(set) var waiting: Int
    /// Records sent a second, since it was told of last.
    package internal(set) var rate: Double
    /// Seconds until its end, at the pace that it has had so far; nil before there is one.
    package internal(set) var secondsLeft: Double?
    package internal(set) var partitions: [Partition]
}

/// Reckons rate and time left out of counts and moments. Pure.
struct ProgressMeter {
    private let start: ContinuousClock.Instant
    private let startOffsets: Int64
    private var last: (moment: ContinuousClock.Instant, sent: Int)

    init(now: ContinuousClock.Instant, offsets: Int64) {
        start = now
        startOffsets = offsets
        last = (now, 0)
    }

    mutating func rate(sent: Int, now: ContinuousClock.Instant) -> Double {
        let elapsed = (now - last.moment) / .seconds(1)
        guard elapsed > 0 else { return 0 }
        defer { last = (now, sent) }
        return Double(sent - last.sent) / elapsed
    }

    func secondsLeft(offsets: Int64, of all: Int64, now: ContinuousClock.Instant) -> Double? {
        let elapsed = (now - start) / .seconds(1)
        guard offsets > startOffsets, elapsed > 0 else { return nil }
        return Double(all - offsets) * elapsed / Double(offsets - startOffsets)
    }
}
