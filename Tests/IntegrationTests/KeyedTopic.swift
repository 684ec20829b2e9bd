import Foundation
import Kafka
import OrderedConsumer
import Synchronization
import TestSupport

/// A topic on the shared broker with records of keys `k0`, `k1`, …, each of which numbers its own from 0.
struct KeyedTopic: Sendable {
    let name: String
    let client: ClientSettings
    private let sent = Sent()

    private final class Sent: Sendable {
        let next = Mutex<[String: Int]>([:])
    }

    init(partitions: Int = 1, config: [String: String] = [:]) async throws {
        (name, client) = try await SharedKafka.topic(partitions: partitions, config: config)
    }

    /// A topic that is there.
    init(name: String, client: ClientSettings) { (self.name, self.client) = (name, client) }

    /// Sends that many records, round the keys, with event ids `<key>-<number>`.
    func fill(_ count: Int, keys: Int) throws {
        try send((0..<count).map { "k\($0 % keys)" })
    }

    /// Sends a record for each of these keys, in order.
    func send(_ keys: [String]) throws {
        try RecordSender.send(keys.map { record($0) }, client)
    }

    private func record(_ key: String) -> Record {
        let number = sent.next.withLock { next in
            defer { next[key, default: 0] += 1 }
            return next[key, default: 0]
        }
        return Record(
            topic: name,
            key: Array(key.utf8),
            headers: [Record.Header(name: "ce_id", value: Array("\(key)-\(number)".utf8))],
            value: Array("\(number)".utf8)
        )
    }

    /// Numbers each key's records from 0 again: what is sent next has the ids of what was sent before.
    func forget() { sent.next.withLock { $0 = [:] } }

    /// Runs a consumer while `body` does, then stops it.
    func consume(
        _ settings: KeyedConsumerSettings,
        _ handler: @escaping RecordHandler,
        _ body: (KeyedConsumer) async throws -> Void
    ) async throws {
        try await consume(settings, noting: { _ in }, handler, body)
    }

    /// The same, with the consumer's notices.
    func consume(
        _ settings: KeyedConsumerSettings,
        noting notices: @escaping @Sendable (ConsumerNotice) -> Void,
        _ handler: @escaping RecordHandler,
        _ body: (KeyedConsumer) async throws -> Void
    ) async throws {
        let consumer = try KeyedConsumer(settings, onNotice: notices, handler: handler)
        try await withThrowingTaskGroup { group in
            group.addTask { try await consumer.run() }
            do {
                try await body(consumer)
            } catch {
                consumer.stop()
                throw error
            }
            consumer.stop()
            try await group.waitForAll()
        }
    }

    /// How far a group has come, in the order of the partitions.
    func committed(group: String = "g") async throws -> [CommittedOffset] {
        let admin = try Admin(client)
        defer { admin.close() }
        return try await admin.committedOffsets(group: group, topic: name).sorted { $0.key < $1.key }.map(\.value)
    }

    /// The offset that the next record of each partition will have.
    func ends() async throws -> [Int32: Int64] {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        let count = try await consumer.partitionCount(of: name)
        return try await consumer.watermarks(of: name, partitions: 0..<Int32(count)).mapValues(\.upperBound)
    }

    func settings(group: String = "g") throws -> KeyedConsumerSettings {
        var settings = try KeyedConsumerSettings(client: client, group: group, topic: name)
        settings.group.sessionTimeoutMilliseconds = 6000
        settings.group.fetchWaitMilliseconds = 10
        settings.commitInterval = .milliseconds(100)
        settings.retry.firstDelay = .milliseconds(5)
        return settings
    }
}
