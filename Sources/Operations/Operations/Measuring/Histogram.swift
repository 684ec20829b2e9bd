internal import Synchronization

package final class Histogram: Sendable {
    /// From a tenth of a millisecond to ten seconds: what an ack in the same rack takes, up to the longest deadline.
    package static let latencyBounds: [Duration] = [
        .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2500),
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100),
        .milliseconds(250), .milliseconds(500), .seconds(1), .milliseconds(2500), .seconds(5), .seconds(10),
    ]

    /// Upper bounds in nanoseconds, ascending.
    let bounds: [UInt64]
    /// One for each bound and one for everything above; each counts its own bucket only.
    private let buckets: [Counter]
    private let sum = Counter()

    package init(bounds: [Duration]) {
        let nanoseconds = bounds.map { UInt64($0 / .nanoseconds(1)) }
        precondition(
            !nanoseconds.isEmpty && zip(nanoseconds, nanoseconds.dropFirst()).allSatisfy(<),
            "A histogram's bounds ascend."
        )
        self.bounds = nanoseconds
        buckets = (0...nanoseconds.count).map { _ in Counter() }
    }

    package func observe(nanoseconds: UInt64) {
        var index = 0
        while index < bounds.count, nanoseconds > bounds[index] { index += 1 }
        buckets[index].increment()
        sum.increment(by: Int(min(nanoseconds, UInt64(Int.max))))
    }

    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return observe(nanoseconds: 0) }
        let capped = UInt64(min(seconds, 1_000_000_000))
        observe(nanoseconds: capped * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000))
    }

    package var count: UInt64 { buckets.reduce(0) { $0 + $1.value } }

    var sumSeconds: Double { Double(sum.value) / 1e9 }

    /// How many values were at most each bound, and how many there are in all.
    var cumulative: [UInt64] {
        var total: UInt64 = 0
        return buckets.map { bucket in
            total += bucket.value
            return total
        }
    }
}
