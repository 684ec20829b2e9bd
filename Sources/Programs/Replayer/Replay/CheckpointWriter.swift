import Kafka

/// Writes a running replay's checkpoints, on its thread. At most one is in flight: the next one says more anyway.
final class CheckpointWriter {
    private let topic: CheckpointTopic
    private let first: ReplayCheckpoint
    private let now: @Sendable () -> Int64
    private let producer: Producer
    private let handle: Topic
    private(set) var lastError: KafkaError?

    init(_ topic: CheckpointTopic, first: ReplayCheckpoint, now: @escaping @Sendable () -> Int64) throws(KafkaError) {
        self.topic = topic
        self.first = first
        self.now = now
        producer = try Producer(
            ProducerSettings(
                client: topic.client,
                lingerMilliseconds: 0,
                messageTimeoutMilliseconds: 30_000,
                messageBytesMax: 8 << 20,
                statisticsIntervalMilliseconds: 0
            )
        )
        handle = try producer.topic(topic.topic)
    }

    func write(_ summary: ReplaySummary) {
        producer.drain { take($0) }
        guard producer.unreportedCount == 0 else { return }
        produce(summary, .running)
    }

    /// Writes the last checkpoint, waits for its acknowledgement, and closes. False if it was not written.
    func finish(_ summary: ReplaySummary, isDone: Bool) -> Bool {
        defer { producer.close() }
        lastError = nil
        produce(summary, isDone ? .done : .stopped)
        return producer.flush(deadline: .seconds(10)) { take($0) } == 0 && lastError == nil
    }

    private func produce(_ summary: ReplaySummary, _ state: ReplayCheckpoint.State) {
        let record = topic.record(of: checkpoint(summary, state))
        guard let key = record.key, let value = record.value else { return }
        do throws(KafkaError) {
            try producer.produce(
                to: handle,
                key: key.span,
                value: value.span,
                headers: RecordHeaders(capacity: 0),
                timestampMilliseconds: 0,
                opaque: 0
            )
        } catch {
            lastError = error
        }
    }

    private func checkpoint(_ summary: ReplaySummary, _ state: ReplayCheckpoint.State) -> ReplayCheckpoint {
        var checkpoint = first
        checkpoint.state = state
        checkpoint.updatedAt = now()
        checkpoint.counts = summary.countsBefore + summary.counts
        for index in checkpoint.partitions.indices {
            let partition = checkpoint.partitions[index].partition
            let next = summary.partitions.first { $0.partition == partition }?.next
            checkpoint.partitions[index].next = next ?? checkpoint.partitions[index].next
        }
        return checkpoint
    }

    private func take(_ event: ProducerEvent) {
        switch event {
        case .delivered(let report): lastError = report.error
        case .fatal(let error): lastError = error
        case .error, .statistics, .log: break
        }
    }
}
