package import Kafka

/// Reads what a group's report needs. It does not join the group and changes nothing.
package struct GroupReportReader: Sendable {
    private let client: ClientSettings
    private let topics: GroupTopics
    private let timeout: Duration
    private let recordsMax: Int

    /// `timeout` is of each request, and of a broker's silence; `recordsMax` is of each topic that is read.
    package init(
        _ topics: GroupTopics,
        client: ClientSettings,
        timeout: Duration = .seconds(10),
        recordsMax: Int = 1_000_000
    ) {
        self.topics = topics
        self.client = client
        self.timeout = timeout
        self.recordsMax = recordsMax
    }

    package func read(
        progress: @escaping @Sendable (TopicReader.Progress) -> Void = { _ in }
    ) async throws -> GroupFacts {
        let admin = try Admin(client)
        defer { admin.close() }
        let names = [topics.topic, topics.state, topics.deadLetters]
        let found = try await admin.describeTopics(names, includingConfig: false, timeout: timeout)
        guard let topic = found[topics.topic] else { throw TopicReaderError.noTopic(topics.topic) }
        let description = try await admin.describeGroup(topics.group, timeout: timeout)
        let partitions = try await partitions(topic.partitionCount, admin)

        var isComplete = true
        // The state first: what was redriven meanwhile counts as waiting, rather than the other way round.
        var state = found[topics.state].map { _ in StateSnapshot(topic: topics.topic) }
        if let known = found[topics.state] {
            let all = try await reading(known.name, progress)
                .readAll(recordsMax: recordsMax) { state?.apply($0) }
            isComplete = isComplete && all
        }
        var tally: DeadLetterTally?
        if let known = found[topics.deadLetters] {
            let letters = reading(known.name, progress)
            let snapshot = state ?? StateSnapshot(topic: topics.topic)
            let redriven = try await RedrivenOffsets(snapshot, of: letters).offsets
            tally = DeadLetterTally(topics: topics, redriven: redriven)
            let all = try await letters.readAll(recordsMax: recordsMax) { tally?.count($0) }
            isComplete = isComplete && all
        }
        return GroupFacts(
            topics: topics,
            description: description,
            partitions: partitions,
            state: state,
            deadLetters: tally,
            isComplete: isComplete
        )
    }

    /// Offsets first, ends after: otherwise a record could be committed that is not yet there.
    private func partitions(_ count: Int, _ admin: Admin) async throws -> [PartitionFacts] {
        let committed = try await admin.committedOffsets(group: topics.group, topic: topics.topic, timeout: timeout)
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        let kept = try await consumer.watermarks(of: topics.topic, partitions: 0..<Int32(count), timeout: timeout)
        var facts = kept.sorted { $0.key < $1.key }.map { partition, kept in
            PartitionFacts(
                partition: partition,
                kept: kept,
                committed: committed[TopicPartition(topic: topics.topic, partition: partition)]
            )
        }
        let behind = facts.filter { $0.firstUnfinished < $0.kept.upperBound }
        let wanted = Dictionary(uniqueKeysWithValues: behind.map { ($0.partition, $0.firstUnfinished) })
        let times = try await reading(topics.topic, { _ in }).times(at: wanted)
        for index in facts.indices { facts[index].oldestUnfinishedMilliseconds = times[facts[index].partition] }
        return facts
    }

    private func reading(_ topic: String, _ progress: @escaping @Sendable (TopicReader.Progress) -> Void) -> TopicReader
    { TopicReader(client: client, topic: topic, timeout: timeout, progress: progress) }
}
