import Kafka

/// A topic read from its beginning to its end.
enum WholeTopic {
    static func records(of topic: String, _ client: ClientSettings) async throws -> [Record] {
        var records: [Record] = []
        try await TopicReader(client: client, topic: topic, limit: .total(.seconds(30))).readAll { records.append($0) }
        return records
    }
}
