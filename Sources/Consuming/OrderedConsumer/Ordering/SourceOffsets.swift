import Kafka

/// Which records of a partition that is read are done, what was done of it before, and what is committed.
struct SourceOffsets {
    /// Below this offset everything was handled before: such records are read for their ids and times only.
    let begin: Int64
    /// What was handled beyond `begin` before.
    private let doneAhead: CompletedOffsets
    /// Tells this from what it was before its topic was made again.
    let edition: Int
    /// The offset after the last record that was read, handled before or not.
    private(set) var readTo = Int64.min
    private var tracker: OffsetTracker
    var committed: CommittedOffset?

    init(begin: Int64, doneAhead: CompletedOffsets? = nil, edition: Int = 0) {
        self.begin = begin
        self.doneAhead = doneAhead ?? CompletedOffsets(next: begin)
        self.edition = edition
        tracker = OffsetTracker(next: begin)
    }

    var next: Int64 { tracker.next }
    var count: Int { tracker.count }
    var oldestTimestamp: Int64? { tracker.oldestTimestamp }

    mutating func read(_ offset: Int64) { readTo = offset + 1 }

    mutating func add(_ offset: Int64, timestamp: Int64?) -> (ticket: Int, wasDone: Bool) {
        (tracker.add(offset, timestamp: timestamp), doneAhead.contains(offset))
    }

    mutating func complete(_ ticket: Int) { tracker.complete(ticket) }

    /// All that is done: up to the first unfinished record, and beyond it, also what was not read yet.
    var done: CompletedOffsets {
        var done = CompletedOffsets(next: tracker.next, ranges: tracker.doneAhead)
        for range in doneAhead.ranges where range.upperBound >= tracker.end {
            done.insert(max(range.lowerBound, tracker.end)...range.upperBound)
        }
        return done
    }

    /// What can be committed and is not yet.
    func commit(metadataBytesMax: Int) -> CommittedOffset? {
        // The text counts from this offset, which may be beyond what was read: see what was done before.
        let done = done
        let offset = CommittedOffset(
            offset: done.next,
            metadata: done.ranges.isEmpty ? "" : done.text(bytesMax: metadataBytesMax)
        )
        return offset == committed ? nil : offset
    }
}
