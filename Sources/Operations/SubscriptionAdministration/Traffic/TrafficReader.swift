import FoundationEssentials
package import Kafka

/// Reads the topic of the events for what each subscription sent. It joins no group, and looks at headers only.
package struct TrafficReader: Sendable {
    private let client: ClientSettings
    private let topic: String
    private let silenceMax: Duration
    private let now: @Sendable () -> Int64

    /// `silenceMax` is how long a question to the brokers may take, and how long they may send nothing; `now` is in
    /// milliseconds since 1970.
    package init(
        client: ClientSettings,
        topic: String,
        silenceMax: Duration = .seconds(10),
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
    ) {
        self.client = client
        self.topic = topic
        self.silenceMax = silenceMax
        self.now = now
    }

    /// Reads from a record time, in milliseconds since 1970, to the ends that the partitions have now; if there is more
    /// than `recordsMax`, the newest of each partition.
    ///
    /// Throws `TopicReaderError` when there is no such topic, or the brokers send nothing; otherwise `KafkaError`.
    package func read(
        since milliseconds: Int64,
        recordsMax: Int = 1_000_000,
        progress: @escaping @Sendable (TopicReader.Progress) -> Void = { _ in }
    ) async throws -> TrafficReport {
        var tally = TrafficTally(from: milliseconds, to: now())
        let reader = TopicReader(client: client, topic: topic, timeout: silenceMax, progress: progress)
        let isComplete = try await reader.readNewest(since: milliseconds, recordsMax: recordsMax) { tally.add($0) }
        return tally.report(isComplete: isComplete)
    }
}
