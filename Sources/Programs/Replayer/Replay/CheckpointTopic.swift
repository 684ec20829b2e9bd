package import Kafka

/// The compacted topic with the checkpoints of named replays, so that any machine can resume them.
package struct CheckpointTopic: Sendable {
    /// How long a running checkpoint must not move before it is taken over. A replay writes about one a second.
    static let stillness = Duration.seconds(5)

    let client: ClientSettings
    package let topic: String
    private let timeout: Duration

    package init(_ client: ClientSettings, topic: String, timeout: Duration = .seconds(10)) {
        self.client = client
        self.topic = topic
        self.timeout = timeout
    }

    package func create() async throws {
        guard try await !exists() else { return }
        let admin = try Admin(client)
        defer { admin.close() }
        do throws(KafkaError) {
            try await admin.createTopic(topic, partitions: 1, config: ["cleanup.policy": "compact"])
        } catch {
            // Another replay may have been faster.
            guard error.isTopicAlreadyExists else { throw error }
        }
    }

    private func exists() async throws -> Bool {
        let admin = try Admin(client)
        defer { admin.close() }
        return try await admin.describeTopics([topic], includingConfig: false)[topic] != nil
    }

    private struct Found {
        var newest: [UInt8]?
        var offset: Int64 = -1
        var later: [[UInt8]] = []
    }

    private func read(_ name: String, after offset: Int64 = .max) async throws -> Found {
        let key = Array(name.utf8)
        var found = Found()
        try await TopicReader(client: client, topic: topic, timeout: timeout).readAll { record in
            guard record.key == key, let place = record.offset else { return }
            found.newest = record.value
            found.offset = place
            if place > offset, let value = record.value { found.later.append(value) }
        }
        return found
    }

    /// Calls `waits` when it has to be watched for a while. Throws ``ReplayError/running(name:)`` if a run moves it.
    package func newest(_ name: String, waits: () -> Void) async throws -> Known? {
        guard try await exists() else { return nil }
        let found = try await read(name)
        guard let value = found.newest else { return nil }
        let checkpoint = try decoded(name, value)
        guard checkpoint.state == .running else { return Known(checkpoint: checkpoint, offset: found.offset) }
        waits()
        // That nothing happens can only be seen by letting time pass.
        try await ContinuousClock().sleep(for: Self.stillness)
        guard try await read(name).offset == found.offset else { throw ReplayError.running(name: name) }
        return Known(checkpoint: checkpoint, offset: found.offset)
    }

    package struct Known: Sendable {
        package let checkpoint: ReplayCheckpoint
        let offset: Int64
    }

    /// Of several that claim at once the first wins; the others throw ``ReplayError/running(name:)``.
    package func claim(_ checkpoint: ReplayCheckpoint, after known: Known?) async throws {
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        _ = try await producer.send(record(of: checkpoint))
        let later = try await read(checkpoint.name, after: known?.offset ?? -1).later
        guard let first = later.first, try decoded(checkpoint.name, first).run == checkpoint.run else {
            throw ReplayError.running(name: checkpoint.name)
        }
    }

    func record(of checkpoint: ReplayCheckpoint) -> Record {
        Record(topic: topic, key: Array(checkpoint.name.utf8), value: checkpoint.value)
    }

    private func decoded(_ name: String, _ value: [UInt8]) throws -> ReplayCheckpoint {
        do throws(CheckpointError) {
            return try ReplayCheckpoint(name: name, value: value)
        } catch {
            throw ReplayError.unreadable(name: name, "\(error)")
        }
    }
}
