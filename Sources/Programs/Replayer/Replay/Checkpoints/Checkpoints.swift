import Kafka
import Timestamps

/// A running replay's checkpoints: what stays the same in each of them, and their writer.
final class Checkpoints {
    private let writer: CheckpointWriter
    private let first: ReplayCheckpoint
    private let now: @Sendable () -> Int64

    /// `first` is the one with which the name was claimed.
    init(_ topic: CheckpointTopic, first: ReplayCheckpoint, now: @escaping @Sendable () -> Int64) throws(KafkaError) {
        writer = try CheckpointWriter(topic)
        self.first = first
        self.now = now
    }

    var lastError: KafkaError? { writer.lastError }

    func write(_ summary: ReplaySummary) { writer.write(checkpoint(summary, .running)) }

    /// Writes the last one. False if it did not get there.
    func finish(_ summary: ReplaySummary, isDone: Bool) -> Bool {
        defer { writer.close() }
        return writer.finish(checkpoint(summary, isDone ? .done : .stopped), deadline: .seconds(10))
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
}
