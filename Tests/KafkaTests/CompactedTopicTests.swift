import EmbeddedKafka
import Synchronization
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct CompactedTopicTests {
    private let embedded: EmbeddedTopic

    init() throws {
        embedded = try EmbeddedTopic(partitions: 1)
    }

    /// A state: the newest value of each key.
    private struct Newest: Equatable {
        var values: [String: String] = [:]

        mutating func apply(_ record: Record) {
            let key = String(decoding: record.key ?? [], as: UTF8.self)
            values[key] = record.value.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func send(_ records: (key: String, value: String?)...) async throws {
        let producer = try embedded.awaitedProducer()
        defer { producer.close() }
        for (key, value) in records {
            var record = embedded.record(key: key)
            record.value = value.map { Array($0.utf8) }
            _ = try await producer.send(record)
        }
    }

    private func topic(timeout: Duration = .seconds(10)) throws -> CompactedTopic {
        try CompactedTopic(embedded.name, client: embedded.client, timeout: timeout)
    }

    @Test func `what is there is read first, and what comes later is read on`() async throws {
        try await send(("a", "1"), ("b", "2"), ("a", "3"), ("b", nil))
        let topic = try topic()
        defer { topic.close() }
        #expect(try await topic.partitionCount() == 1)
        try await topic.start()
        var state = Newest()
        try await topic.readToEnd { state.apply($0) }
        #expect(state.values == ["a": "3"])
        try await send(("c", "4"))
        while state.values.count < 2 { _ = try await topic.read(within: 10_000) { state.apply($0) } }
        #expect(state.values == ["a": "3", "c": "4"])
        try await send(("c", "5"))
        try await topic.readToEnd { state.apply($0) }
        #expect(state.values == ["a": "3", "c": "5"])
    }

    @Test func `an empty topic is read to its end at once`() async throws {
        let topic = try topic()
        defer { topic.close() }
        try await topic.start()
        try await topic.readToEnd { _ in Issue.record("there is no record") }
        try await topic.caughtUp()
    }

    @Test func `another task waits until the one that reads has caught up`() async throws {
        try await send(("a", "1"), ("b", "2"))
        let topic = try topic()
        try await topic.start()
        let state = Mutex(Newest())
        // Safety: it ends when the topic is closed, and is awaited below.
        let reading = Task {
            while (try? await topic.read(within: 1000) { record in state.withLock { $0.apply(record) } }) != nil {}
        }
        try await topic.caughtUp()
        #expect(state.withLock(\.values) == ["a": "1", "b": "2"])
        try await send(("a", "3"))
        try await topic.caughtUp()
        #expect(state.withLock(\.values) == ["a": "3", "b": "2"])
        topic.close()
        await reading.value
    }

    @Test func `closing ends those who wait`() async throws {
        try await send(("a", "1"))
        let topic = try topic()
        try await topic.start()
        // Safety: it ends when the topic is closed, and is awaited below.
        let waiting = Task { try await topic.caughtUp() }
        topic.close()
        topic.close()
        await #expect(throws: KafkaError.self) { try await waiting.value }
        #expect(await outcome { () throws(KafkaError) in try await topic.read(within: 1) { _ in } } == .closed)
    }

    @Test func `a broker that sends nothing ends the reading`() async throws {
        try await send(("a", "1"))
        let topic = try topic(timeout: .milliseconds(500))
        defer { topic.close() }
        // Nothing was begun, so nothing comes.
        await #expect(throws: TopicReaderError.silent(topic: embedded.name, nil)) {
            try await topic.readToEnd { _ in Issue.record("nothing was begun") }
        }
    }
}
