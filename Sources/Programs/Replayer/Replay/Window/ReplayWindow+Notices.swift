import Timestamps

extension ReplayWindow {
    /// What a person should know about a window before anything moves, a line each. `now` is milliseconds since 1970.
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

    /// A window whose first records may have been deleted: nobody knows how many there were.
    private static func shortened(_ from: Int64, _ bounds: PartitionBounds) -> String? {
        guard bounds.kept.lowerBound > 0, let oldest = bounds.oldest, oldest > from else { return nil }
        return "partition \(bounds.partition): the window begins before the oldest record that is kept "
            + "(offset \(bounds.kept.lowerBound), \(Timestamp.text(milliseconds: oldest))); older ones are gone"
    }

    /// Offsets that were asked for and are not there, or not any more.
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
