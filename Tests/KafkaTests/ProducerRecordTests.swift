import EmbeddedKafka
import Testing

@testable import Kafka

/// Records that are sent on as they were read.
@Suite(.timeLimit(.minutes(1))) struct ProducerRecordTests {
    private let embedded: EmbeddedTopic
    private let headers = [
        Record.Header(name: "a", value: [1, 0, 2]), Record.Header(name: "a", value: nil),
        Record.Header(name: "", value: []),
    ]

    init() throws {
        embedded = try EmbeddedTopic(partitions: 1)
    }

    /// A record of the topic, read from it.
    private func readRecord() async throws -> Record {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        let made = Record(topic: embedded.name, timestampMilliseconds: 77, key: [7], headers: headers, value: [])
        _ = try await producer.send(made)
        return try #require(try await records().last)
    }

    private func records() async throws -> [Record] {
        let consumer = try embedded.consumer()
        defer { consumer.close() }
        try await consumer.assign(embedded.name, from: .beginning)
        return try await consumer.readToEnd(partitions: 1)
    }

    @Test(arguments: [false, true])
    func `what was read arrives again as it was, and who else holds it keeps its headers`(isShared: Bool) async throws {
        var record = try await readRecord()
        let other = isShared ? record : nil
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        try producer.produce(&record, to: producer.topic(embedded.name), opaque: 5)
        #expect(record.headers == [] && record.key == [7] && record.value == [])
        #expect(producer.reports().map(\.opaque) == [5])
        if let other { #expect(other.headers == headers) }
        let found = try await records()
        #expect(found.count == 2 && found.allSatisfy { $0.headers == headers && $0.key == [7] && $0.value == [] })
        #expect(found.allSatisfy { $0.timestampMilliseconds == 77 })
    }

    @Test func `a record that somebody made arrives with its headers and keeps them`() async throws {
        var record = Record(topic: "elsewhere", key: nil, headers: headers, value: nil)
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        try producer.produce(&record, to: producer.topic(embedded.name), opaque: 1)
        #expect(producer.reports().count == 1 && record.headers == headers)
        let found = try #require(try await records().first)
        #expect(found.headers == headers && found.key == nil && found.value == nil)
    }

    @Test func `a record that is refused is as it was`() async throws {
        var record = try await readRecord()
        var settings = embedded.producerSettings()
        settings.queueMessagesMax = 1
        settings.lingerMilliseconds = 500
        let producer = try Producer(settings)
        defer { producer.close() }
        let topic = try producer.topic(embedded.name)
        try producer.produce(to: topic, key: "k", opaque: 1)
        #expect {
            try producer.produce(&record, to: topic, opaque: 2)
        } throws: {
            ($0 as? KafkaError)?.isQueueFull == true
        }
        #expect(record.headers == headers && record.key == [7])
        #expect(producer.reports().map(\.opaque) == [1])
        try producer.produce(&record, to: topic, opaque: 2)
        #expect(producer.reports().map(\.opaque) == [2] && record.headers == [])
    }
}
