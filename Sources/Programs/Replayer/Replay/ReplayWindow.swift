import Timestamps

/// Fixed when the replay begins: what is written meanwhile, perhaps by itself, is never read.
package struct ReplayWindow: Sendable, Equatable {
    package struct Stretch: Sendable, Equatable {
        package let partition: Int32
        package let first: Int64
        /// The offset after the last.
        package let end: Int64

        /// Offsets, and so the most records there can be: some may be compacted away, or be transaction markers.
        package var count: Int64 { max(0, end - first) }
        package var isEmpty: Bool { first >= end }
    }

    /// Limit: record time that edges with clocks of their own, or that waited for a broker, write out of order.
    package static let disorderMaxMilliseconds: Int64 = 60_000

    /// By partition; all that were asked for, empty ones too.
    package let stretches: [Stretch]
    /// Only records with these times count, in milliseconds since 1970: from the first up to and without the second.
    package var from: Int64? = nil
    package var to: Int64? = nil

    package var count: Int64 { stretches.reduce(0) { $0 + $1.count } }
    package var isEmpty: Bool { stretches.allSatisfy(\.isEmpty) }

    /// Whether a record of this time counts. One without a time counts in a window without times only.
    package func holds(milliseconds: Int64?) -> Bool {
        if from == nil, to == nil { return true }
        guard let milliseconds else { return false }
        return milliseconds >= from ?? .min && milliseconds < to ?? .max
    }
}

package struct PartitionBounds: Sendable, Equatable {
    package let partition: Int32
    /// From the first record that is kept up to the next that will come.
    package let kept: Range<Int64>
    /// The first record with the window's first time or a later one.
    package var atFrom: Int64? = nil
    /// The first record so late that the window lies wholly before it.
    package var atTo: Int64? = nil
    /// The time of the first record that is kept.
    package var oldest: Int64? = nil
}

extension ReplayWindow {
    /// Fixes a request to what is in the topic. `bounds` are those of all partitions; `now` is milliseconds since 1970.
    package init(_ request: WindowRequest, _ bounds: [PartitionBounds], now: Int64) throws(WindowError) {
        let (from, to) = request.times
        if let from, from > now { throw .startsInFuture(from) }
        if let from, let to, from >= to { throw .backwards(from: from, to: to) }
        switch request {
        case .times:
            self.init(
                stretches: bounds.map { bounds in
                    let end = min(bounds.atTo ?? bounds.kept.upperBound, bounds.kept.upperBound)
                    let first = max(bounds.atFrom ?? bounds.kept.lowerBound, bounds.kept.lowerBound)
                    return Stretch(partition: bounds.partition, first: min(first, end), end: end)
                },
                from: from,
                to: to
            )
        case .last(let count):
            self.init(
                stretches: bounds.map { bounds in
                    let (start, _) = bounds.kept.upperBound.subtractingReportingOverflow(count)
                    return Stretch(
                        partition: bounds.partition,
                        first: max(start, bounds.kept.lowerBound),
                        end: bounds.kept.upperBound
                    )
                }
            )
        case .offsets(let ranges, _, _):
            let known = Dictionary(bounds.map { ($0.partition, $0.kept) }) { first, _ in first }
            var stretches: [Stretch] = []
            for range in ranges {
                guard let kept = known[range.partition] else {
                    throw .noPartition(range.partition, count: bounds.count)
                }
                let end = min(range.last.map { $0 + 1 } ?? kept.upperBound, kept.upperBound)
                let first = max(range.first, kept.lowerBound)
                stretches.append(Stretch(partition: range.partition, first: min(first, end), end: end))
            }
            self.init(stretches: stretches, from: from, to: to)
        }
    }
}

package enum WindowError: Error, Sendable, Equatable {
    case startsInFuture(Int64)
    case backwards(from: Int64, to: Int64)
    case noPartition(Int32, count: Int)
}

extension ReplayWindow {
    /// Warnings about a window, a line each. `now` is milliseconds since 1970.
    package static func notices(
        _ request: WindowRequest,
        _ window: ReplayWindow,
        _ bounds: [PartitionBounds],
        now: Int64
    ) -> [String] {
        var notices: [String] = []
        if let to = request.times.to, to > now {
            let time = Timestamp.text(milliseconds: to)
            notices.append("--to \(time) lies in the future: the window ends with what is there now")
        }
        switch request {
        case .times(let from?, _): notices += bounds.compactMap { shortened(from, $0) }
        case .offsets(let ranges, _, _): notices += ranges.flatMap { missing($0, bounds) }
        case .times, .last: break
        }
        if window.isEmpty { notices.append("the window is empty: there is no record in it") }
        return notices
    }

    /// A window whose first records may have been deleted: how many there were is not known.
    private static func shortened(_ from: Int64, _ bounds: PartitionBounds) -> String? {
        guard bounds.kept.lowerBound > 0, let oldest = bounds.oldest, oldest > from else { return nil }
        return "partition \(bounds.partition): the window begins before the oldest record that is kept "
            + "(offset \(bounds.kept.lowerBound), \(Timestamp.text(milliseconds: oldest))); older ones are gone"
    }

    private static func missing(_ range: OffsetRange, _ bounds: [PartitionBounds]) -> [String] {
        guard let kept = bounds.first(where: { $0.partition == range.partition })?.kept else { return [] }
        var notices: [String] = []
        if range.first < kept.lowerBound {
            let last = min(kept.lowerBound - 1, range.last ?? .max)
            notices.append(
                "partition \(range.partition): offsets \(range.first) to \(last) are no longer kept; "
                    + "the oldest is \(kept.lowerBound)"
            )
        }
        let furthest = range.last ?? range.first
        if furthest >= kept.upperBound, range.last != nil || furthest > kept.upperBound {
            notices.append(
                "partition \(range.partition): it has no offset \(furthest) yet, its next one is \(kept.upperBound)"
            )
        }
        return notices
    }
}

extension WindowError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .startsInFuture(let time):
            "--from \(Timestamp.text(milliseconds: time)) lies in the future: there is nothing to replay yet"
        case .backwards(let from, let to):
            "--from \(Timestamp.text(milliseconds: from)) is not before --to \(Timestamp.text(milliseconds: to))"
        case .noPartition(let partition, let count):
            "--offsets: there is no partition \(partition); the topic has \(count), counted from 0"
        }
    }
}
