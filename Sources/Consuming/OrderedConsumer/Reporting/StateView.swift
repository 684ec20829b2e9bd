package import Kafka

/// The state of a group as it is now, for one who is no member and looks at it again and again.
package final class StateView {
    private let consumer: Consumer
    private let topic: String
    private let timeout: Duration
    private var known: StateSnapshot
    private var next: Int64 = 0

    package init(_ topics: GroupTopics, client: ClientSettings, timeout: Duration = .seconds(10)) throws(KafkaError) {
        topic = topics.state
        known = StateSnapshot(topic: topics.topic)
        self.timeout = timeout
        consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 1024))
    }

    /// Begins to read. Once, before ``refresh()``.
    package func open() async throws(KafkaError) {
        try await consumer.assign(topic, from: .beginning, partitions: [0], timeout: timeout)
    }

    /// Everything that is in the topic now.
    package func refresh() async throws -> StateSnapshot {
        let end = try await consumer.watermarks(of: topic, partition: 0, timeout: timeout).upperBound
        let clock = ContinuousClock()
        var deadline = clock.now + timeout
        while next < end {
            if try await read(milliseconds: 500) { deadline = clock.now + timeout }
            guard clock.now < deadline else { throw GroupReportError.silent(topic: topic, nil) }
        }
        return known
    }

    /// Waits until something is written, at most that long, and returns everything that is there.
    package func change(within milliseconds: Int) async throws(KafkaError) -> StateSnapshot {
        _ = try await read(milliseconds: milliseconds)
        return known
    }

    private func read(milliseconds: Int) async throws(KafkaError) -> Bool {
        let batch = try await consumer.next(deadlineMilliseconds: milliseconds)
        for record in batch.records {
            known.apply(record)
            next = max(next, (record.offset ?? -1) + 1)
        }
        for end in batch.ends { next = max(next, end.offset) }
        return !batch.isEmpty
    }

    package func close() { consumer.close() }
}
