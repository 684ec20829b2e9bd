import EmbeddedKafka
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct ConsumerTests {
    private let embedded: EmbeddedTopic

    init() throws {
        embedded = try EmbeddedTopic()
    }

    /// Ten records of one key; returns their partition.
    private func fill() async throws -> Int32 {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        var partition: Int32 = -1
        for number in 0..<10 {
            partition = try await producer.send(embedded.record(key: "k", value: "\(number)")).partition
        }
        return partition
    }

    private func values(_ records: [Record]) -> String {
        records.map { String(decoding: $0.value ?? [], as: UTF8.self) }.joined()
    }

    @Test(arguments: [
        (Position.beginning, "0123456789"), (.offset(7), "789"), (.offset(10), ""), (.end, ""),
        (.offset(0), "0123456789"),
    ])
    func `reading begins at the position asked for`(_ position: Position, _ expected: String) async throws {
        let partition = try await fill()
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        let others = try await consumer.assign(
            "events",
            from: .beginning,
            partitions: [0, 1, 2].filter { $0 != partition }
        )
        #expect(others.count == 2)
        try await consumer.assign("events", from: position, partitions: [partition])
        #expect(values(try await consumer.readToEnd(partitions: 3)) == expected)
    }

    @Test func `a record's time is bounded, whatever its producer wrote`() async throws {
        let longest: Int64 = 1 << 61
        let times: [(written: Int64, read: Int64?)] = [
            (.min + 1, nil), (-2, nil), (1, 1), (1_791_277_367_713, 1_791_277_367_713), (longest, longest),
            (longest + 1, longest), (.max, longest),
        ]
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        for (time, _) in times {
            var record = embedded.record(key: "k")
            record.timestampMilliseconds = time
            _ = try await producer.send(record)
        }
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .beginning)
        #expect(try await consumer.readToEnd(partitions: 3).map(\.timestampMilliseconds) == times.map(\.read))
    }

    @Test func `a record sent after assigning at the end is read`() async throws {
        let partition = try await fill()
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .end)
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        let sent = try await producer.send(embedded.record(key: "k", value: "new"))
        var records: [Record] = []
        while records.isEmpty { records += try await consumer.next(deadlineMilliseconds: 10_000).records }
        #expect(records.map(\.offset) == [sent.offset] && records.map(\.partition) == [partition])
    }

    @Test func `the end of a partition is told with the next offset, and again after more records`() async throws {
        let partition = try await fill()
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .beginning, partitions: [partition])
        var ends: [ConsumerBatch.PartitionEnd] = []
        while ends.isEmpty { ends += try await consumer.next(deadlineMilliseconds: 10_000).ends }
        _ = try await fill()
        while ends.count < 2 { ends += try await consumer.next(deadlineMilliseconds: 10_000).ends }
        #expect(ends.first == ConsumerBatch.PartitionEnd(topic: "events", partition: partition, offset: 10))
        #expect(ends.allSatisfy { $0.offset > 9 })
    }

    @Test func `watermarks are the first offset and the next one`() async throws {
        let partition = try await fill()
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        #expect(try await consumer.watermarks(of: "events", partition: partition) == 0..<10)
        #expect(try await consumer.watermarks(of: "events", partition: (partition + 1) % 3) == 0..<0)
        #expect(try await consumer.partitionCount(of: "events") == 3)
    }

    @Test func `a batch holds no more records than asked for`() async throws {
        let partition = try await fill()
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .beginning, partitions: [partition])
        var sizes: [Int] = []
        while sizes.reduce(0, +) < 10 {
            sizes.append(try await consumer.next(max: 3, deadlineMilliseconds: 10_000).records.count)
        }
        #expect(sizes.allSatisfy { $0 <= 3 })
    }

    @Test func `nothing new means an empty batch at the deadline`() async throws {
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .end)
        _ = try await consumer.readToEnd(partitions: 3)
        #expect(try await consumer.next(deadlineMilliseconds: 10).isEmpty)
    }

    @Test func `closing ends a call that waits`() async throws {
        let consumer = try embedded.consumer()
        let start = ContinuousClock.now
        async let waiting = consumer.next(deadlineMilliseconds: 50_000)
        try await consumer.assign("events", from: .end, partitions: [0])
        consumer.close()
        consumer.close()
        _ = try? await waiting
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(await outcome { () throws(KafkaError) in try await consumer.next(deadlineMilliseconds: 1) } == .closed)
    }

    @Test func `a broker that cannot be reached is an error in the batch or a timeout, not a hang`() async throws {
        try embedded.cluster.brokerDown()
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        let error = await outcome { () throws(KafkaError) in
            try await consumer.assign("events", from: .beginning, timeout: .milliseconds(300))
        }
        #expect(error?.isRetriable == true)
    }
}
