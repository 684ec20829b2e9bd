import CLinux
import EmbeddedKafka
import Glibc
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct ProducerTests {
    private let embedded: EmbeddedTopic

    init() throws {
        embedded = try EmbeddedTopic()
    }

    @Test func `every record is reported once with its number and the offsets are consecutive`() throws {
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        let topic = try producer.topic("events")
        for number in 1...500 as ClosedRange<UInt> { try producer.produce(to: topic, key: "k", opaque: number) }
        #expect(producer.unreportedCount == 500)
        let reports = producer.reports()
        #expect(reports.map(\.opaque) == Array(1...500))
        #expect(reports.map(\.offset) == Array(0..<500))
        #expect(Set(reports.map(\.partition)) == [partition(forKey: [UInt8]("k".utf8).span, count: 3)])
        #expect(reports.allSatisfy { $0.error == nil && $0.persistence == .persisted && $0.latencyMicroseconds > 0 })
        #expect(producer.unreportedCount == 0)
    }

    @Test func `a report wakes the owner's descriptor and is drained without polling`() throws {
        let descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        try #require(descriptor >= 0)
        let producer = try Producer(embedded.producerSettings())
        defer {
            producer.close()
            close(descriptor)
        }
        producer.wake(fileDescriptor: descriptor)
        let topic = try producer.topic("events")
        for number in 1...20 as ClosedRange<UInt> {
            try producer.produce(to: topic, key: "k", opaque: number)
            var reported: [UInt] = []
            while reported.isEmpty {
                try awaitReadable(descriptor)
                producer.drain { event in
                    if case .delivered(let report) = event { reported.append(report.opaque) }
                }
            }
            #expect(reported == [number])
        }
    }

    /// Waits in the kernel as an event loop does, then takes the counter's value so that the next wait is a real one.
    private func awaitReadable(_ descriptor: Int32) throws {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, 10_000) == 1)
        var counter: UInt64 = 0
        try #require(read(descriptor, &counter, 8) == 8)
    }

    @Test func `keys, values and headers may be null, empty or any bytes, and headers keep their order`() async throws {
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        let topic = try producer.topic("events")
        let binary: [UInt8] = [0, 255, 0, 128]
        var headers = RecordHeaders(capacity: 1)
        headers.append("null", nil as Span<UInt8>?)
        headers.append("empty", [UInt8]().span)
        headers.append("binary", binary.span)
        headers.append("constant", "application/json")
        headers.append(Array("made-at-run-time".utf8).span, binary.span)
        headers.append("null", binary.span)
        let key = binary.span
        try produce(producer, topic, key: key, value: binary.span, headers, at: 1_700_000_000_123)
        try produce(producer, topic, key: nil, value: nil, RecordHeaders(capacity: 0), at: 1_700_000_000_124)
        let empty: [UInt8] = []
        try produce(producer, topic, key: empty.span, value: empty.span, RecordHeaders(capacity: 0), at: 1)
        #expect(producer.reports().compactMap(\.error) == [])

        let records = try await readBack(3).sorted { ($0.timestampMilliseconds ?? 0) > ($1.timestampMilliseconds ?? 0) }
        #expect(records.map(\.timestampMilliseconds) == [1_700_000_000_124, 1_700_000_000_123, 1])
        #expect(records.map(\.key) == [nil, binary, []])
        #expect(records.map(\.value) == [nil, binary, []])
        let names = ["null", "empty", "binary", "constant", "made-at-run-time", "null"]
        #expect(records[1].headers.map(\.name) == names)
        let values: [[UInt8]?] = [nil, [], binary, Array("application/json".utf8), binary, binary]
        #expect(records[1].headers.map(\.value) == values)
        #expect(records[0].headers == [])
    }

    private func produce(
        _ producer: Producer,
        _ topic: Topic,
        key: Span<UInt8>?,
        value: Span<UInt8>?,
        _ headers: consuming RecordHeaders,
        at time: Int64
    ) throws(KafkaError) {
        try producer.produce(
            to: topic,
            key: key,
            value: value,
            headers: headers,
            timestampMilliseconds: time,
            opaque: 0
        )
    }

    private func readBack(_ count: Int) async throws -> [Record] {
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign("events", from: .beginning)
        let records = try await consumer.readToEnd(partitions: 3)
        try #require(records.count == count)
        return records
    }

    @Test func `one record too many is refused as a full queue and the others are reported`() throws {
        try embedded.cluster.brokerDown()
        var settings = embedded.producerSettings()
        settings.queueMessagesMax = 10
        let producer = try Producer(settings)
        defer { producer.close() }
        let topic = try producer.topic("events")
        for number in 1...10 as ClosedRange<UInt> { try producer.produce(to: topic, key: "k", opaque: number) }
        let error = #expect(throws: KafkaError.self) { try producer.produce(to: topic, key: "k", opaque: 11) }
        #expect(error?.isQueueFull == true && error?.isRetriable == true && error?.name == "_QUEUE_FULL")
        #expect(producer.unreportedCount == 10)
        producer.purge()
        let reports = producer.reports()
        #expect(reports.map(\.opaque) == Array(1...10))
        #expect(reports.allSatisfy { $0.error?.isPurged == true && $0.persistence == .notPersisted })
    }

    @Test func `a record above the size limit is refused at once`() throws {
        var settings = embedded.producerSettings()
        settings.messageBytesMax = 2000
        let producer = try Producer(settings)
        defer { producer.close() }
        let topic = try producer.topic("events")
        let error = #expect(throws: KafkaError.self) {
            try produce(producer, topic, key: nil, value: [UInt8](repeating: 7, count: 3000).span, withHeader(), at: 0)
        }
        #expect(error?.isTooLarge == true)
        #expect(producer.unreportedCount == 0)
    }

    private func withHeader() -> RecordHeaders {
        var headers = RecordHeaders(capacity: 1)
        headers.append("name", "value")
        return headers
    }

    @Test func `closing reports every record that was still waiting and may be repeated`() throws {
        try embedded.cluster.brokerDown()
        let producer = try Producer(embedded.producerSettings())
        let topic = try producer.topic("events")
        for number in 1...50 as ClosedRange<UInt> { try producer.produce(to: topic, key: "k", opaque: number) }
        var purged: [UInt] = []
        producer.close { event in
            if case .delivered(let report) = event, report.error?.isPurged == true { purged.append(report.opaque) }
        }
        #expect(purged == Array(1...50))
        producer.close()
        #expect(producer.drain { _ in } == 0)
        #expect(producer.flush(deadline: .seconds(1)) == 0)
        #expect(throws: KafkaError.closed) { try producer.produce(to: topic, key: "k", opaque: 1) }
        #expect(throws: KafkaError.closed) { try producer.topic("events") }
        #expect(throws: KafkaError.closed) { try producer.partitionCount(of: "events", timeout: .seconds(1)) }
        #expect(producer.fatalError == nil)
    }

    @Test func `a producer that nobody closed goes away by itself`() throws {
        weak var gone: Producer?
        do {
            let producer = try Producer(embedded.producerSettings())
            _ = try producer.topic("events")
            gone = producer
        }
        #expect(gone == nil)
    }

    @Test func `the same topic is handed out once`() throws {
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        #expect(try producer.topic("events").name == "events")
        _ = try producer.topic("events")
        let error = #expect(throws: KafkaError.self) { try producer.topic(String(repeating: "x", count: 600)) }
        #expect(error?.message.contains("xxx") == true)
    }
}
