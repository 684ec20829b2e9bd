import Kafka

/// What reading alone costs: the topic's records through our binding, one after the other, and nothing done with them.
enum BareReader {
    static func command(_ topic: EventTopic, _ work: Consumers.Work) -> [String] {
        ["consume-bare", topic.bootstrapServers, String(work.records)]
    }

    /// `consume-bare BOOTSTRAP RECORDS`.
    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 2, let records = Int(arguments[1]) else {
            throw BenchOptions.UsageError(description: "consume-bare needs a bootstrap server and a number of records")
        }
        let settings = ConsumerSettings(
            client: ClientSettings(bootstrapServers: [arguments[0]]),
            prefetchKibibytesMax: Consumers.prefetchKibibytes
        )
        let consumer = try Consumer(settings)
        defer { consumer.close() }
        try await consumer.assign(EventTopic.name, from: .beginning)
        var span: ReadingSpan?
        var read = 0
        while read < records {
            let batch = try consumer.poll(max: 500, deadlineMilliseconds: 1000)
            if span == nil, !batch.records.isEmpty { span = ReadingSpan() }
            read += batch.records.count
        }
        span?.end(records: read, violations: 0)
    }
}
