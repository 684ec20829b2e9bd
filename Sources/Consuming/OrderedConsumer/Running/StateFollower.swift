import Kafka
import Synchronization

/// Follows the topic of the group's state: what is parked, and whether the group pauses.
///
/// A member trusts it for partitions that come to it. For those it has, it is itself the only one who writes.
final class StateFollower: Sendable {
    private struct State {
        var parked: [StateKey: ParkedKey] = [:]
        var pause: Pause?
        /// Everything below this offset is known.
        var next: Int64 = 0
        var waiters: [(offset: Int64, continuation: CheckedContinuation<Void, Never>)] = []
        var isEnded = false
    }

    private let topic: String
    private let consumer: Consumer
    private let state = Mutex(State())
    private let onPause: @Sendable (Pause?) -> Void
    private let notify: @Sendable (ConsumerNotice) -> Void

    init(
        _ client: ClientSettings,
        topic: String,
        onPause: @escaping @Sendable (Pause?) -> Void,
        notify: @escaping @Sendable (ConsumerNotice) -> Void
    ) throws(KafkaError) {
        self.topic = topic
        self.onPause = onPause
        self.notify = notify
        consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 1024))
    }

    /// Begins at the topic's beginning. Once, before ``run()``.
    func start() async throws(KafkaError) {
        try await consumer.assign(topic, from: .beginning, partitions: [0])
    }

    /// Reads until ``close()``; a broker that is away is waited for.
    func run() async {
        // Limit: the call ends sooner when something comes, and at once, with an error, when the consumer is closed.
        while let batch = try? await consumer.next(deadlineMilliseconds: 1000) {
            for error in batch.errors { notify(.kafka(error)) }
            take(batch)
        }
        end()
    }

    private func take(_ batch: ConsumerBatch) {
        for record in batch.records {
            guard let entry = StateEntry(record: record) else {
                notify(.unknownState(offset: record.offset ?? -1))
                continue
            }
            take(entry)
        }
        let known = batch.ends.last?.offset ?? batch.records.last?.offset.map { $0 + 1 }
        guard let known else { return }
        let ready = state.withLock { state in
            state.next = max(state.next, known)
            let ready = state.waiters.filter { $0.offset <= state.next }
            state.waiters.removeAll { $0.offset <= state.next }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    private func take(_ entry: StateEntry) {
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

    /// Returns once everything that is in the topic now is known here.
    func catchUp() async throws(KafkaError) {
        let end = try await consumer.watermarks(of: topic, partition: 0).upperBound
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.next >= end || state.isEnded { return true }
                state.waiters.append((end, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
        if state.withLock({ $0.isEnded }) { throw .closed }
    }

    /// The parked keys of a partition.
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

    func close() {
        consumer.close()
        end()
    }

    private func end() {
        let waiters = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }
}
