import EmbeddedKafka
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct ProducerSendTests {
    private let embedded: EmbeddedTopic

    init() throws {
        embedded = try EmbeddedTopic(partitions: 12)
    }

    @Test func `keys go where Java's clients put them`() async throws {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        for number in 0..<200 {
            let key = "260d1674-\(number)-é"
            let sent = try await producer.send(embedded.record(key: key))
            #expect(sent.partition == partition(forKey: Array(key.utf8).span, count: 12), "key \(key)")
        }
    }

    @Test func `records of a key are read in the order in which they were sent`() async throws {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in 0..<20 {
                group.addTask {
                    for number in 0..<25 {
                        _ = try await producer.send(embedded.record(key: "k\(key)", value: "\(number)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .beginning)
        let records = try await consumer.readToEnd(partitions: 12)
        #expect(records.count == 500)
        for (key, sent) in Dictionary(grouping: records, by: \.key) {
            let values = sent.map { String(decoding: $0.value ?? [], as: UTF8.self) }
            #expect(values == (0..<25).map(String.init), "key \(key ?? [])")
        }
    }

    /// Loose on purpose: it tells a wake-up from a poll by sleep, not one machine from another.
    @Test func `a report resumes its caller within milliseconds`() async throws {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        let clock = ContinuousClock()
        var times: [Duration] = []
        for number in 0..<500 {
            let start = clock.now
            _ = try await producer.send(embedded.record(key: "\(number % 10)"))
            times.append(start.duration(to: clock.now))
        }
        times.sort()
        print("send to acknowledgement: p50 \(times[250]), p99 \(times[495])")
        #expect(times[250] < .milliseconds(5))
    }

    @Test func `the record's own time is kept`() async throws {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        var record = embedded.record(key: "k")
        record.timestampMilliseconds = 1_700_000_000_000
        record.headers = [Record.Header(name: "ce_id", value: [1]), Record.Header(name: "none", value: nil)]
        let sent = try await producer.send(record)
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .offset(sent.offset), partitions: [sent.partition])
        record.partition = sent.partition
        record.offset = sent.offset
        #expect(try await consumer.readToEnd(partitions: 1) == [record])
    }

    @Test func `a record can be sent to another topic than its own`() async throws {
        try embedded.cluster.createTopic("other", partitions: 1)
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        let sent = try await producer.send(embedded.record(key: "k"), to: "other")
        #expect(sent == RecordMetadata(topic: "other", partition: 0, offset: 0))
    }

    /// Sends twenty records at a time and returns how each ended.
    @Test func `a record whose time its topic refuses is sent with the time of sending, others as they are`()
        async throws
    {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        var record = embedded.record(key: "k")
        record.timestampMilliseconds = 4_000_000_000_000
        // INVALID_TIMESTAMP
        embedded.cluster.fail(.produce, codes: [32])
        _ = try await producer.sendAtAnyTime(record, to: embedded.name)
        _ = try await producer.sendAtAnyTime(record, to: embedded.name)
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign(embedded.name, from: .beginning)
        let times = try await consumer.readToEnd(partitions: embedded.partitions).map(\.timestampMilliseconds)
        #expect(times.count == 2 && times[1] == 4_000_000_000_000)
        #expect(times[0].map { (1_700_000_000_000..<4_000_000_000_000).contains($0) } == true)
    }

    private func outcomes(of producer: Producer) async -> [KafkaError?] {
        await withTaskGroup(of: KafkaError?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    await outcome { () throws(KafkaError) in
                        try await producer.send(embedded.record(key: "\(number)"))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `closing answers everyone who still waits`() async throws {
        try embedded.cluster.brokerDown()
        let producer = try embedded.awaitedProducer()
        async let waiting = outcomes(of: producer)
        while producer.unreportedCount < 20 { await Task.yield() }
        producer.close()
        #expect(await waiting.allSatisfy { $0?.isPurged == true })
        #expect(
            await outcome { () throws(KafkaError) in try await producer.send(embedded.record(key: "k")) } == .closed
        )
    }

    @Test func `flushing an awaited producer waits for its reports`() async throws {
        try embedded.cluster.brokerDown()
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        async let waiting = outcomes(of: producer)
        while producer.unreportedCount < 20 { await Task.yield() }
        #expect(producer.flush(deadline: .milliseconds(1)) == 20)
        try embedded.cluster.brokerUp()
        #expect(producer.flush(deadline: .seconds(10)) == 0)
        #expect(await waiting.allSatisfy { $0 == nil })
    }
}

/// The error that a call ends in, if it ends in one.
func outcome<Success>(_ body: () async throws(KafkaError) -> Success) async -> KafkaError? {
    do throws(KafkaError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
