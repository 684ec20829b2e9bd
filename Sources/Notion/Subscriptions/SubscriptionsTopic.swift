package import Kafka

/// The compacted topic of sealed tokens and what is known about them, as commands read and write it.
package struct SubscriptionsTopic: Sendable {
    /// The topic's configuration. Compaction runs within a day, so that retired tokens do not remain.
    package static let config = [
        "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "segment.ms": "86400000",
        "max.compaction.lag.ms": "86400000",
    ]

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

    /// Everything that is in the topic now, however long it is: what is kept in memory is limited, not what is read.
    package func read() async throws -> SubscriptionsSnapshot {
        let reading = try CompactedTopic(topic, client: client, timeout: timeout)
        defer { reading.close() }
        let partitions = try await reading.partitionCount()
        guard partitions == 1 else { throw SubscriptionsError.partitions(topic: topic, partitions) }
        try await reading.start()
        var snapshot = SubscriptionsSnapshot()
        try await reading.readToEnd { snapshot.apply($0, openedWith: keys) }
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

/// Why the topic as a whole cannot be used.
package enum SubscriptionsError: Error, Sendable, CustomStringConvertible {
    case partitions(topic: String, Int)

    package var description: String {
        switch self {
        case .partitions(let topic, let count):
            "\(topic) has \(count) partitions; the subscriptions topic has one: name another with --subscriptions-topic"
        }
    }
}
