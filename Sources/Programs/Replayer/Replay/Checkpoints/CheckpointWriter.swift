import Kafka

/// Writes a running replay's checkpoints, on its thread. One is under way at most: the next one says more anyway.
final class CheckpointWriter {
    private let topic: CheckpointTopic
    private let producer: Producer
    private let handle: Topic
    private(set) var lastError: KafkaError?

    init(_ topic: CheckpointTopic) throws(KafkaError) {
        self.topic = topic
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

    /// Hands a checkpoint over, unless the one before is still under way.
    func write(_ checkpoint: ReplayCheckpoint) {
        drain()
        guard producer.unreportedCount == 0 else { return }
        produce(checkpoint)
    }

    /// Writes the last one, and waits until it is there. False if it did not get there.
    func finish(_ checkpoint: ReplayCheckpoint, deadline: Duration) -> Bool {
        lastError = nil
        produce(checkpoint)
        return producer.flush(deadline: deadline) { take($0) } == 0 && lastError == nil
    }

    private func produce(_ checkpoint: ReplayCheckpoint) {
        let record = topic.record(of: checkpoint)
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

    private func drain() { producer.drain { take($0) } }

    private func take(_ event: ProducerEvent) {
        switch event {
        case .delivered(let report): lastError = report.error
        case .fatal(let error): lastError = error
        case .error, .statistics, .log: break
        }
    }

    func close() { producer.close() }
}
