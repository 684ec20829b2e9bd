import Kafka
import TestSupport

/// A topic read from its beginning to its end.
enum WholeTopic {
    static func records(of topic: String, _ client: ClientSettings) async throws -> [Record] {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        var unread = Set(try await consumer.assign(topic, from: .beginning))
        var records: [Record] = []
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(30)
        while !unread.isEmpty {
            guard clock.now < deadline else { throw TimeoutError(description: "\(topic) has no end") }
            let batch = try await consumer.next(deadlineMilliseconds: 500)
            records += batch.records
            unread.subtract(batch.ends.map(\.partition))
        }
        return records
    }
}
