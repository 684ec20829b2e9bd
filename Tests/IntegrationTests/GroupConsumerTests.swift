import Kafka
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct GroupConsumerTests {
    private func member(
        _ client: ClientSettings,
        _ assignor: GroupConsumerSettings.Assignor = .cooperativeSticky
    ) throws -> GroupMember {
        try GroupMember(
            GroupConsumerSettings(
                client: client,
                group: "g",
                assignor: assignor,
                sessionTimeoutMilliseconds: 6000,
                fetchWaitMilliseconds: 10
            )
        )
    }

    private func fill(_ topic: String, _ client: ClientSettings, _ count: Int) async throws -> TopicPartition {
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        var partition: Int32 = -1
        for number in 0..<count {
            let record = Record(topic: topic, key: Array("k".utf8), value: Array("\(number)".utf8))
            partition = try await producer.send(record).partition
        }
        return TopicPartition(topic: topic, partition: partition)
    }

    @Test(.needsKafka, arguments: GroupConsumerSettings.Assignor.allCases)
    func `a member reads what it is assigned, commits, and its successor goes on from there`(
        _ assignor: GroupConsumerSettings.Assignor
    ) async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        let filled = try await fill(topic, client, 10)
        let first = try member(client, assignor)
        try first.consumer.subscribe(to: [topic])
        let partitions = try await first.assigned()
        #expect(partitions.count == 3)
        #expect(try await first.consumer.committed(partitions) == [:])
        #expect(try await first.consumer.watermarks(of: filled) == 0..<10)
        try first.consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        #expect(try await first.records(of: filled, 10).map(\.offset) == (0..<10).map { Int64($0) })
        #expect(first.consumer.knownEnd(of: filled) == 10)
        let report = try await first.commit([filled: CommittedOffset(offset: 4, metadata: "marks ü")])
        #expect(report.error == nil && report.committed == [filled: 4])
        try await first.leave()

        let second = try member(client, assignor)
        try second.consumer.subscribe(to: [topic])
        let again = try await second.assigned()
        let committed = try await second.consumer.committed(again)
        #expect(committed == [filled: CommittedOffset(offset: 4, metadata: "marks ü")])
        try second.consumer.assign([filled: 4])
        #expect(try await second.records(of: filled, 6).map(\.offset) == (4..<10).map { Int64($0) })
        try await second.leave()
    }

    @Test(.needsKafka)
    func `what is not read stays where it is`() async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        let filled = try await fill(topic, client, 10)
        let member = try member(client)
        try member.consumer.subscribe(to: [topic])
        let partitions = try await member.assigned()
        try member.consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        #expect(try await member.records(of: filled, 3).map(\.offset) == [0, 1, 2])
        #expect(try await member.records(of: filled, 4).map(\.offset) == [3, 4, 5, 6])
        #expect(member.consumer.take(from: TopicPartition(topic: "other", partition: 0), max: 4).isEmpty)
        try await member.leave()
    }

    @Test(.needsKafka, arguments: GroupConsumerSettings.Assignor.allCases)
    func `another member gets partitions only after this one has let go`(
        _ assignor: GroupConsumerSettings.Assignor
    ) async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        let first = try member(client, assignor)
        try first.consumer.subscribe(to: [topic])
        let all = try await first.assigned()
        try first.consumer.assign(Dictionary(uniqueKeysWithValues: all.map { ($0, 0) }))
        let second = try member(client, assignor)
        try second.consumer.subscribe(to: [topic])
        // Safety: ends with the assignment, which the test awaits.
        let given = Task {
            var partitions: [TopicPartition] = []
            while partitions.isEmpty {
                partitions = try await second.assigned()
                try second.consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
            }
            return partitions
        }
        let revoked = try await first.revoked()
        #expect(assignor == .cooperativeSticky ? revoked.count < all.count : revoked.count == all.count)
        // A commit in the middle of the rebalance is taken: the partitions are still this member's.
        let report = try await first.commit([revoked[0]: CommittedOffset(offset: 0)])
        #expect(report.error == nil)
        try first.consumer.unassign(revoked)
        let rest = try await first.assigned()
        try first.consumer.assign(Dictionary(uniqueKeysWithValues: rest.map { ($0, 0) }))
        let got = try await given.value
        #expect(!got.isEmpty && Set(got).isSubset(of: Set(revoked)))
        try await second.leave()
        try await first.leave()
    }

    @Test(.needsKafka)
    func `a closed member throws, and has nothing`() async throws {
        let member = try member(try await SharedKafka.topic().client)
        member.consumer.close()
        member.consumer.close()
        #expect(member.consumer.nextEvent() == nil && member.consumer.isClosed)
        #expect(throws: KafkaError.self) { try member.consumer.subscribe(to: ["events"]) }
    }
}
