import Synchronization

/// Follows a compacted topic of one partition from its beginning, so that its records can be folded into a state.
///
/// ``start()`` comes first. One task reads, by ``readToEnd(_:)`` and ``read(within:_:)``; others may wait
/// for it with ``caughtUp()``.
package final class CompactedTopic: Sendable {
    private struct Reading {
        /// Every record below this offset has been handed out.
        var next: Int64 = 0
        var waiters: [(offset: Int64, continuation: CheckedContinuation<Void, Never>)] = []
        var isClosed = false
    }

    /// What a call to ``read(within:_:)`` has brought besides records.
    package struct Change: Sendable {
        package let hasRecords: Bool
        /// Whether the end of the topic was reached.
        package let isAtEnd: Bool
        /// What went wrong meanwhile; the client keeps trying.
        package let errors: [KafkaError]
    }

    // Limit: what is fetched ahead; a compacted topic is small.
    private static let prefetchKibibytesMax = 4096

    private let topic: String
    private let timeout: Duration
    private let consumer: Consumer
    private let reading = Mutex(Reading())

    /// `timeout` is how long the brokers may take for an answer, and how long they may send nothing before the end.
    package init(_ topic: String, client: ClientSettings, timeout: Duration = .seconds(10)) throws(KafkaError) {
        self.topic = topic
        self.timeout = timeout
        consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: Self.prefetchKibibytesMax))
    }

    /// How many partitions the topic has; what has more than one has no order to be read in.
    package func partitionCount() async throws(KafkaError) -> Int {
        try await consumer.partitionCount(of: topic, timeout: timeout)
    }

    /// Begins at the topic's beginning. Once, before anything is read.
    package func start() async throws(KafkaError) {
        try await consumer.assign(topic, from: .beginning, partitions: [0], timeout: timeout)
    }

    /// Hands out what has not been handed out yet, up to the end that the topic has now.
    ///
    /// A topic of any length is read: offsets say nothing of what compaction left, and `take` limits what it keeps.
    /// Throws ``TopicReaderError/silent(topic:_:)`` when nothing comes, otherwise `KafkaError`.
    package func readToEnd(_ take: (Record) -> Void) async throws {
        let kept = try await kept(take)
        var deadline = ContinuousClock.now + timeout
        var lastError: KafkaError?
        while reading.withLock({ $0.next }) < kept.upperBound {
            let change = try await read(within: 500, take)
            lastError = change.errors.last ?? lastError
            if change.hasRecords || change.isAtEnd { deadline = .now + timeout }
            guard .now < deadline else { throw TopicReaderError.silent(topic: topic, lastError) }
        }
    }

    /// Asks again while the brokers say that it is a matter of time: a topic that was just created, or whose leader
    /// changes, has none for a moment.
    private func kept(_ take: (Record) -> Void) async throws(KafkaError) -> Range<Int64> {
        let deadline = ContinuousClock.now + timeout
        while true {
            do throws(KafkaError) {
                return try await consumer.watermarks(of: topic, partition: 0, timeout: timeout)
            } catch {
                guard error.isRetriable, !error.isTimedOut, .now < deadline else { throw error }
            }
            _ = try await read(within: 100, take)
        }
    }

    /// Waits for records, at most that long, and hands them out; a broker that is away is waited for. Throws
    /// ``KafkaError/isClosed``.
    package func read(within milliseconds: Int, _ take: (Record) -> Void) async throws(KafkaError) -> Change {
        let batch = try await consumer.next(deadlineMilliseconds: milliseconds)
        for record in batch.records { take(record) }
        // What was compacted away at the end shows in the end only.
        advance(to: max(batch.ends.last?.offset ?? 0, (batch.records.last?.offset ?? -1) + 1))
        return Change(hasRecords: !batch.records.isEmpty, isAtEnd: !batch.ends.isEmpty, errors: batch.errors)
    }

    private func advance(to next: Int64) {
        let ready = reading.withLock { reading in
            reading.next = max(reading.next, next)
            let ready = reading.waiters.filter { $0.offset <= reading.next }
            reading.waiters.removeAll { $0.offset <= reading.next }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Returns once the task that reads has handed out everything that is in the topic now.
    package func caughtUp() async throws(KafkaError) {
        let end = try await consumer.watermarks(of: topic, partition: 0, timeout: timeout).upperBound
        await withCheckedContinuation { continuation in
            let isReady = reading.withLock { reading in
                if reading.next >= end || reading.isClosed { return true }
                reading.waiters.append((end, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
        if reading.withLock({ $0.isClosed }) { throw .closed }
    }

    /// Ends every call, and frees the client. Idempotent. Blocks for some milliseconds.
    package func close() {
        consumer.close()
        let waiters = reading.withLock { reading in
            reading.isClosed = true
            defer { reading.waiters = [] }
            return reading.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }
}
