import Kafka
import OrderedConsumer
import Synchronization
import TestSupport
import Testing

@Suite(.needsKafka, .timeLimit(.minutes(3)))
struct GroupReportReaderTests {
    private static let now: Int64 = 1_791_277_400_000

    @Test
    func `a report is read from a group's offsets, its members, its state and its dead letters`() async throws {
        let (topic, client) = try await SharedKafka.topic("report", partitions: 2)
        let topics = try GroupTopics(topic: topic, group: "report-\(topic)")
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        let filled = try await fill(topics, producer)
        try await createCompanions(topics, client)
        try await writeState(topics, producer)
        let letters = try await writeDeadLetters(topics, producer)
        let redriven = StateEntry.redriven(partition: letters.partition, CompletedOffsets(next: letters.offset))
        _ = try await producer.send(redriven.record(to: topics.state))

        let member = try await member(topics, client)
        let committed = CommittedOffset(
            offset: 4,
            metadata: CompletedOffsets(next: 4, ranges: [6...7]).text(bytesMax: 99)
        )
        #expect(try await member.commit([filled: committed]).error == nil)
        let heard = Mutex<[TopicReader.Progress]>([])
        let reader = GroupReportReader(topics, client: client)
        let facts = try await reader.read { progress in heard.withLock { $0.append(progress) } }
        let report = GroupReport(facts, now: Self.now)

        #expect(report.state == "stable" && report.members.map(\.partitions) == [[0, 1]] && report.isComplete)
        let row = try #require(report.partitions.first { $0.partition == filled.partition })
        #expect(row.low == 0 && row.high == 10 && row.committed == 4 && row.doneAhead == 2 && row.lag == 4)
        #expect(row.oldestUnfinishedAgeMs == 96_000 && report.oldestUnfinishedAgeMs == 96_000)
        #expect(report.partitions.count == 2 && report.lag == 4 && report.expired == 0)
        #expect(report.parked.map(\.key) == ["kept"] && report.parkedCount == 1 && report.unreadableStateRecords == 1)
        #expect(report.pausedBy == "ops" && report.hasStateTopic)
        #expect(report.deadLetters?.waitingByReason == ["parked": 1])
        #expect(report.deadLetters?.redriven == 1 && report.deadLetters?.foreign == 1)
        #expect(Set(heard.withLock { $0 }.map(\.topic)) == [topics.state, topics.deadLetters])

        let brief = try await GroupReportReader(topics, client: client, recordsMax: 1).read()
        #expect(!brief.isComplete && brief.state?.parked.count == 1)
        try await member.leave()
    }

    @Test
    func `a topic without a group has a report, and no topic has none`() async throws {
        let (topic, client) = try await SharedKafka.topic("report", partitions: 1)
        let reader = GroupReportReader(try GroupTopics(topic: topic, group: "nobody"), client: client)
        // A broker that has just started may not know yet which groups it keeps.
        let facts = try await eventually(within: .seconds(30), "a coordinator") {
            do {
                return try await reader.read()
            } catch let error as KafkaError where error.isRetriable {
                return GroupFacts?.none
            }
        }
        let report = GroupReport(facts, now: Self.now)
        #expect(report.state == "dead" && report.members.isEmpty && report.lag == 0)
        #expect(report.deadLetters == nil && !report.hasStateTopic)
        let missing = GroupReportReader(try GroupTopics(topic: "missing", group: "nobody"), client: client)
        await #expect(throws: TopicReaderError.noTopic("missing")) { try await missing.read() }
    }

    /// Ten records of one key, a second apart.
    private func fill(_ topics: GroupTopics, _ producer: Producer) async throws -> TopicPartition {
        var partition: Int32 = -1
        for number in Int64(0)..<10 {
            let time = Self.now - 100_000 + number * 1000
            let record = Record(topic: topics.topic, timestampMilliseconds: time, key: [7], value: [UInt8(number)])
            partition = try await producer.send(record).partition
        }
        return TopicPartition(topic: topics.topic, partition: partition)
    }

    private func createCompanions(_ topics: GroupTopics, _ client: ClientSettings) async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic(topics.deadLetters, partitions: 2, replicationFactor: 1)
        let compacted = ["cleanup.policy": "compact"]
        try await admin.createTopic(topics.state, partitions: 1, replicationFactor: 1, config: compacted)
    }

    private func writeState(_ topics: GroupTopics, _ producer: Producer) async throws {
        func parked(_ key: String) -> ParkedKey {
            ParkedKey(
                topic: topics.topic,
                key: Array(key.utf8),
                partition: 0,
                offset: 1,
                reason: .attempts,
                parkedAtMilliseconds: Self.now
            )
        }
        let entries: [StateEntry] = [
            .parked(parked("kept")), .parked(parked("freed")),
            .gone(.parked(topic: topics.topic, key: Array("freed".utf8))),
            .paused(Pause(sinceMilliseconds: Self.now, by: "ops")),
        ]
        for entry in entries { _ = try await producer.send(entry.record(to: topics.state)) }
        _ = try await producer.send(Record(topic: topics.state, key: Array("odd".utf8), value: [0]))
    }

    /// Two dead letters and a stranger between them, in one partition; returns where the second letter is.
    private func writeDeadLetters(_ topics: GroupTopics, _ producer: Producer) async throws -> RecordMetadata {
        func letter(_ reason: DeadLetterReason, _ offset: Int64) -> Record {
            let original = Record(topic: topics.topic, partition: 0, offset: offset, key: [7], value: [1])
            let letter = DeadLetter(
                of: original,
                group: topics.group,
                reason: reason,
                message: "no",
                attempts: 3,
                firstFailureMilliseconds: Self.now,
                lastFailureMilliseconds: Self.now
            )
            return letter.record(from: original, to: topics.deadLetters)
        }
        _ = try await producer.send(letter(.attempts, 0))
        _ = try await producer.send(Record(topic: topics.deadLetters, key: [7], value: [2]))
        return try await producer.send(letter(.parked, 1))
    }

    private func member(_ topics: GroupTopics, _ client: ClientSettings) async throws -> GroupMember {
        let member = try GroupMember(GroupConsumerSettings(client: client, group: topics.group))
        try member.consumer.subscribe(to: [topics.topic])
        let partitions = try await member.assigned()
        try member.consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        return member
    }
}
