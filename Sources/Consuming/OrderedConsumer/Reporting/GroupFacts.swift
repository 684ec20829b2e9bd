package import Kafka

package struct GroupFacts: Sendable {
    package let topics: GroupTopics
    package let description: GroupDescription
    package let partitions: [PartitionFacts]
    /// Nil, like the dead letters, if there is no such topic.
    package let state: StateSnapshot?
    package let deadLetters: DeadLetterTally?
    package var isComplete = true
}

package struct PartitionFacts: Sendable, Equatable {
    package let partition: Int32
    /// From the oldest record that is still kept up to the offset of the next record.
    package let kept: Range<Int64>
    /// Nil if the group never committed.
    package let committed: CommittedOffset?
    /// The time of the record at `firstUnfinished`, in milliseconds since 1970; nil if there is none, or not known.
    package var oldestUnfinishedMilliseconds: Int64?

    var done: CompletedOffsets {
        guard let committed else { return CompletedOffsets() }
        return CompletedOffsets(text: committed.metadata, next: committed.offset)
            ?? CompletedOffsets(next: max(0, committed.offset))
    }

    /// The offset of the first kept record that is not finished; the end if all are.
    package var firstUnfinished: Int64 { min(done.firstMissing(from: kept.lowerBound), kept.upperBound) }

    var doneAhead: Int64 {
        guard let committed else { return 0 }
        let start = max(committed.offset, kept.lowerBound)
        return start < kept.upperBound ? done.count(in: start..<kept.upperBound) : 0
    }

    var lag: Int64 { kept.upperBound - kept.lowerBound - done.count(in: kept) }

    /// Records that were deleted from the topic before the group had finished them.
    var expired: Int64 {
        guard let committed, committed.offset < kept.lowerBound else { return 0 }
        return kept.lowerBound - committed.offset - done.count(in: max(0, committed.offset)..<kept.lowerBound)
    }
}

package struct StateSnapshot: Sendable, Equatable {
    package private(set) var parked: [StateKey: ParkedKey] = [:]
    /// By partition of the dead-letter topic, if that is the one of then: ``RedrivenOffsets`` checks it.
    package private(set) var redriven: [Int32: CompletedOffsets] = [:]
    /// See ``StateEntry/redriven(partition:_:lastFailure:)``.
    package private(set) var lastFailures: [Int32: Int64] = [:]
    package private(set) var pause: Pause?
    /// Records of another kind, version or topic.
    package private(set) var unreadable = 0

    private let topic: String

    package init(topic: String) { self.topic = topic }

    /// Records of the state topic in their order: the newest of each key counts.
    package mutating func apply(_ record: Kafka.Record) {
        guard let entry = StateEntry(record: record) else {
            unreadable += 1
            return
        }
        switch entry {
        case .parked(let key) where key.topic == topic: parked[entry.key] = key
        case .redriven(let partition, let offsets, let lastFailure):
            redriven[partition] = offsets
            lastFailures[partition] = lastFailure
        case .paused(let pause): self.pause = pause
        case .gone(.parked(topic, _)): parked[entry.key] = nil
        case .gone(.redriven(let partition)):
            redriven[partition] = nil
            lastFailures[partition] = nil
        case .gone(.paused): pause = nil
        case .parked, .gone: unreadable += 1
        }
    }
}

package struct DeadLetterTally: Sendable, Equatable {
    /// Dead letters that were not redriven, by reason.
    package private(set) var waiting: [String: Int] = [:]
    package private(set) var redriven = 0
    /// Records that are not dead letters of this group.
    package private(set) var foreign = 0
    /// When the oldest of the waiting first failed, in milliseconds since 1970.
    package private(set) var oldestWaitingMilliseconds: Int64?

    /// Limit: reasons are words of a handler's code; more than these come from a handler that puts data there.
    static let reasonsMax = 100
    /// Counts reasons beyond the limit; not a valid reason.
    static let otherReasons = "(others)"

    private let topics: GroupTopics
    private let redrivenOffsets: [Int32: CompletedOffsets]

    /// `redriven` is by partition of the dead-letter topic.
    package init(topics: GroupTopics, redriven: [Int32: CompletedOffsets]) {
        self.topics = topics
        redrivenOffsets = redriven
    }

    package mutating func count(_ record: Kafka.Record) {
        guard let letter = DeadLetter(record: record), letter.topic == topics.topic, letter.group == topics.group,
            let partition = record.partition, let offset = record.offset
        else {
            foreign += 1
            return
        }
        if redrivenOffsets[partition]?.contains(offset) == true {
            redriven += 1
            return
        }
        let word = letter.reason.word
        let isKnown = waiting[word] != nil || waiting.count < Self.reasonsMax
        waiting[isKnown ? word : Self.otherReasons, default: 0] += 1
        oldestWaitingMilliseconds = min(oldestWaitingMilliseconds ?? .max, letter.firstFailureMilliseconds)
    }
}
