package import Kafka

/// What was redriven from a group's dead-letter topic, by partition, as far as the topic is still the one of then:
/// offsets of one that was deleted and made again mean other dead letters.
package struct RedrivenOffsets: Sendable {
    package private(set) var offsets: [Int32: CompletedOffsets]
    /// Partitions of a topic that was made again, in order: nothing in them counts as redriven.
    package private(set) var madeAgain: [Int32] = []

    package init(_ state: StateSnapshot, of topic: TopicReader) async throws {
        offsets = state.redriven.filter { $0.value.last >= 0 }
        let found = try await topic.records(at: offsets.mapValues(\.last))
        for (partition, known) in offsets.sorted(by: { $0.key < $1.key })
        where !Self.isSame(found[partition], known.last, state.lastFailures[partition]) {
            offsets[partition] = nil
            madeAgain.append(partition)
        }
    }

    /// Dead letters can be deleted up to an offset: then a later record comes first, and tells nothing.
    private static func isSame(_ record: Kafka.Record?, _ last: Int64, _ lastFailure: Int64?) -> Bool {
        guard let record, let offset = record.offset else { return false }
        guard offset == last, let lastFailure else { return offset >= last }
        return DeadLetter(record: record)?.lastFailureMilliseconds == lastFailure
    }
}
