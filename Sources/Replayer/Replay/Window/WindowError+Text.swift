import Timestamps

extension WindowError: CustomStringConvertible {
    /// A line for people.
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

extension ReplayWindow {
    /// What a person should know about it before anything moves, a line each.
    package static func notices(
        _ request: WindowRequest,
        _ window: ReplayWindow,
        _ bounds: [PartitionBounds],
        now: Int64
    ) -> [String] {
        var notices: [String] = []
        if let to = request.times.to, to > now {
            notices.append(
                "--to \(Timestamp.text(milliseconds: to)) lies in the future: the window ends with what is there now"
            )
        }
        if case .times(let from, _) = request {
            notices += bounds.compactMap { bounds in
                guard let from, bounds.kept.lowerBound > 0, let oldest = bounds.oldest, oldest > from else { return nil }
                return "partition \(bounds.partition): the window begins before the oldest record that is kept "
                    + "(offset \(bounds.kept.lowerBound), \(Timestamp.text(milliseconds: oldest))); older ones are gone"
            }
        }
        if case .offsets(let ranges, _, _) = request {
            for range in ranges {
                guard let kept = bounds.first(where: { $0.partition == range.partition })?.kept else { continue }
                if range.first < kept.lowerBound {
                    notices.append(
                        "partition \(range.partition): offsets \(range.first) to \(min(kept.lowerBound - 1, range.last ?? .max))"
                            + " are no longer kept; the oldest is \(kept.lowerBound)"
                    )
                }
                if let last = range.last ?? (range.first > kept.upperBound ? range.first : nil), last >= kept.upperBound {
                    notices.append(
                        "partition \(range.partition): it has no offset \(last) yet, its next one is \(kept.upperBound)"
                    )
                }
            }
        }
        if window.isEmpty { notices.append("the window is empty: there is no record in it") }
        return notices
    }
}
