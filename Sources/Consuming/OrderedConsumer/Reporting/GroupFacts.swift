package import Kafka

/// Everything that a report of a group is made of.
package struct GroupFacts: Sendable {
    package let topics: GroupTopics
    package let description: GroupDescription
    /// The partitions of the topic, in order.
    package let partitions: [PartitionFacts]
    /// Nil if there is no state topic.
    package let state: StateSnapshot?
    /// Nil if there is no dead-letter topic.
    package let deadLetters: DeadLetterTally?
    /// Whether both topics were read to their ends, and not only up to a limit.
    package let isComplete: Bool

    package init(
        topics: GroupTopics,
        description: GroupDescription,
        partitions: [PartitionFacts],
        state: StateSnapshot?,
        deadLetters: DeadLetterTally?,
        isComplete: Bool = true
    ) {
        self.topics = topics
        self.description = description
        self.partitions = partitions
        self.state = state
        self.deadLetters = deadLetters
        self.isComplete = isComplete
    }
}

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
    var done: CompletedOffsets {
        guard let committed else { return CompletedOffsets() }
        return CompletedOffsets(text: committed.metadata, next: committed.offset)
            ?? CompletedOffsets(next: max(0, committed.offset))
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
