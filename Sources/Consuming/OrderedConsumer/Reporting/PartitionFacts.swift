package import Kafka

/// What Kafka says about a group in a partition of its topic.
package struct PartitionFacts: Sendable, Equatable {
    package let partition: Int32
    /// The offset of the oldest record that is still kept, and the one that the next record will have.
    package let kept: Range<Int64>
    /// How far the group has come; nil if it never committed.
    package let committed: CommittedOffset?
    /// The time of the record at `firstUnfinished`, in milliseconds since 1970; nil if there is none, or not known.
    package var oldestUnfinishedMilliseconds: Int64?

    package init(
        partition: Int32,
        kept: Range<Int64>,
        committed: CommittedOffset?,
        oldestUnfinishedMilliseconds: Int64? = nil
    ) {
        self.partition = partition
        self.kept = kept
        self.committed = committed
        self.oldestUnfinishedMilliseconds = oldestUnfinishedMilliseconds
    }

    /// The offsets that are done: all below the committed one, and those that its metadata names, if it is ours.
    var done: RedrivenOffsets {
        guard let committed else { return RedrivenOffsets() }
        return RedrivenOffsets(text: committed.metadata, next: committed.offset)
            ?? RedrivenOffsets(next: max(0, committed.offset))
    }

    /// The offset of the first kept record that the group has not finished; where the next record will be if it has
    /// finished all.
    package var firstUnfinished: Int64 { min(done.firstMissing(from: kept.lowerBound), kept.upperBound) }

    /// Finished records above the committed offset.
    var doneAhead: Int64 {
        guard let committed else { return 0 }
        let start = max(committed.offset, kept.lowerBound)
        return start < kept.upperBound ? done.count(in: start..<kept.upperBound) : 0
    }

    /// Kept records that are not finished.
    var lag: Int64 { kept.upperBound - kept.lowerBound - done.count(in: kept) }

    /// Records that were removed from the topic before the group had finished them.
    var expired: Int64 {
        guard let committed, committed.offset < kept.lowerBound else { return 0 }
        return kept.lowerBound - committed.offset - done.count(in: max(0, committed.offset)..<kept.lowerBound)
    }
}
