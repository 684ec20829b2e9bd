import Kafka
import Synchronization

/// Follows the topic of the group's state: parked keys, and whether the group pauses. A member uses it for partitions
/// that are assigned to it, and is then the only writer of their keys.
final class StateFollower: Sendable {
    private struct State {
        var parked: [StateKey: ParkedKey] = [:]
        var pause: Pause?
    }

    private let topic: CompactedTopic
    private let state = Mutex(State())
    private let onPause: @Sendable (Pause?) -> Void
    private let notify: @Sendable (ConsumerNotice) -> Void

    init(
        _ client: ClientSettings,
        topic: String,
        onPause: @escaping @Sendable (Pause?) -> Void,
        notify: @escaping @Sendable (ConsumerNotice) -> Void
    ) throws(KafkaError) {
        self.topic = try CompactedTopic(topic, client: client)
        self.onPause = onPause
        self.notify = notify
    }

    /// Starts at the topic's beginning. Once, before ``run()``.
    func start() async throws(KafkaError) { try await topic.start() }

    func run() async {
        // Limit: the call ends sooner when something comes, and at once, with an error, when the consumer is closed.
        while let change = try? await topic.read(within: 1000, take) {
            for error in change.errors { notify(.kafka(error)) }
        }
    }

    private func take(_ record: Kafka.Record) {
        guard let entry = StateEntry(record: record) else { return notify(.unknownState(offset: record.offset ?? -1)) }
        switch entry {
        case .parked(let parked): state.withLock { $0.parked[entry.key] = parked }
        case .paused(let pause): setPause(pause)
        case .gone(.paused): setPause(nil)
        case .gone(let key): state.withLock { $0.parked[key] = nil }
        case .redriven: break
        }
    }

    private func setPause(_ pause: Pause?) {
        let isNew = state.withLock { state in
            defer { state.pause = pause }
            return state.pause != pause
        }
        if isNew { onPause(pause) }
    }

    /// Returns once everything that is in the topic now is known.
    func catchUp() async throws(KafkaError) { try await topic.caughtUp() }

    func parked(in partition: TopicPartition) -> [KeyBytes: ParkedKey] {
        state.withLock { state in
            var found: [KeyBytes: ParkedKey] = [:]
            for parked in state.parked.values
            where parked.partition == partition.partition && parked.topic == partition.topic {
                found[KeyBytes(parked.key)] = parked
            }
            return found
        }
    }

    func close() { topic.close() }
}
