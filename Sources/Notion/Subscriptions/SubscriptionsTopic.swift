package import Kafka

/// The compacted topic that holds sealed tokens and what is known of them, for one who looks or changes something.
package struct SubscriptionsTopic: Sendable {
    /// What the topic is made with. Compaction is asked for within a day, so that retired tokens do not stay around.
    package static let config = [
        "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "segment.ms": "86400000",
        "max.compaction.lag.ms": "86400000",
    ]
    // Limit: some ten subscriptions, a few pending tokens, and a use a minute for each until the next compaction.
    private static let recordsMax: Int64 = 2_000_000

    package let client: ClientSettings
    package let topic: String
    package let keys: SealingKeys
    private let timeout: Duration

    package init(_ client: ClientSettings, topic: String, keys: SealingKeys, timeout: Duration = .seconds(10)) {
        self.client = client
        self.topic = topic
        self.keys = keys
        self.timeout = timeout
    }

    /// Everything that is in the topic now.
    package func read() async throws -> SubscriptionsSnapshot {
        let consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 4096))
        defer { consumer.close() }
        let partitions = try await consumer.partitionCount(of: topic, timeout: timeout)
        guard partitions == 1 else { throw SubscriptionsError.partitions(topic: topic, partitions) }
        let kept = try await consumer.ask(within: timeout) { () throws(KafkaError) in
            try await consumer.watermarks(of: topic, partition: 0, timeout: timeout)
        }
        guard kept.upperBound - kept.lowerBound <= Self.recordsMax else {
            throw SubscriptionsError.tooLong(topic: topic, kept.upperBound - kept.lowerBound)
        }
        try await consumer.assign(topic, from: .beginning, partitions: [0], timeout: timeout)
        var snapshot = SubscriptionsSnapshot()
        var next: Int64 = 0
        let clock = ContinuousClock()
        var deadline = clock.now + timeout
        while next < kept.upperBound {
            let batch = try await consumer.next(deadlineMilliseconds: 500)
            for record in batch.records {
                snapshot.apply(record, openedWith: keys)
                next = max(next, (record.offset ?? -1) + 1)
            }
            for end in batch.ends { next = max(next, end.offset) }
            if !batch.records.isEmpty || !batch.ends.isEmpty { deadline = clock.now + timeout }
            guard clock.now < deadline else { throw SubscriptionsError.silent(topic: topic, batch.errors.last) }
        }
        return snapshot
    }

    /// Writes records one after the other; each is acknowledged by all in-sync replicas before the next.
    package func write(_ records: [SubscriptionRecord]) async throws(KafkaError) {
        let producer = try Producer(
            ProducerSettings(client: client, lingerMilliseconds: 0),
            delivery: .awaited { _ in }
        )
        defer { producer.close() }
        for record in records { _ = try await producer.send(record.record(in: topic, sealedWith: keys)) }
    }
}

/// Why the topic as a whole is of no use.
package enum SubscriptionsError: Error, Sendable, CustomStringConvertible {
    case partitions(topic: String, Int)
    case tooLong(topic: String, Int64)
    case silent(topic: String, KafkaError?)

    package var description: String {
        switch self {
        case .partitions(let topic, let count):
            "\(topic) has \(count) partitions; the subscriptions topic has one: name another with --subscriptions-topic"
        case .tooLong(let topic, let records):
            "\(topic) has \(records) records, far too many for subscriptions: is cleanup.policy=compact set?"
        case .silent(let topic, let error):
            "\(topic): the brokers sent nothing in time" + (error.map { " (\($0.message))" } ?? "")
        }
    }
}
