package import Kafka

/// Counts dead letters by what became of them.
package struct DeadLetterTally: Sendable, Equatable {
    /// Those that wait for somebody, by reason.
    package private(set) var waiting: [String: Int] = [:]
    /// Those that were sent back to their topic.
    package private(set) var redriven = 0
    /// Records that are no dead letters of this group.
    package private(set) var foreign = 0
    /// When the oldest of the waiting failed first, in milliseconds since 1970.
    package private(set) var oldestWaitingMilliseconds: Int64?

    /// Limit: reasons are words of a handler's code; more than these come from a handler that puts data there.
    static let reasonsMax = 100
    /// Where reasons beyond the limit are counted; not a word that a reason can be.
    static let otherReasons = "(others)"

    private let topics: GroupTopics
    private let redrivenOffsets: [Int32: CompletedOffsets]

    /// Nothing yet; `redriven` says what was sent back, by partition of the dead-letter topic.
    package init(topics: GroupTopics, redriven: [Int32: CompletedOffsets]) {
        self.topics = topics
        redrivenOffsets = redriven
    }

    /// Counts a record of the dead-letter topic.
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
