import CRdKafka
import Dispatch
import Synchronization

/// A member of a consumer group that never blocks and never polls on a timer.
///
/// One task or thread, the owner's, does everything: whenever `onSignal` was called it takes events with
/// ``nextEvent()`` until there are none and records with ``take(from:max:)``. Each partition has a queue of its own, so
/// a partition whose records are not wanted yet is simply not read; librdkafka then stops fetching it, and group and
/// heartbeats go on. ``nextEvent()`` must be called now and then in any case
/// (``GroupConsumerSettings/pollIntervalMillisecondsMax``).
///
/// A rebalance is an event that the owner ends when it is ready, by ``assign(_:)`` or ``unassign(_:)``.
/// End it with ``beginClose()``, events until ``isClosed``, and ``close()``.
///
/// Safety: every use of the client goes through `ClientHandle.borrow`; queues of partitions are under a `Mutex` and
/// freed by `unassign` or `close`, both the owner's. librdkafka holds an unretained pointer to `bell` until the queues'
/// callbacks are taken away, and this object keeps it for as long.
public final class GroupConsumer: @unchecked Sendable {
    private let client: ClientHandle
    private let events: OpaquePointer
    private let bell: Bell
    private let watch: JoinWatch
    /// Whether an assignment has ever come.
    private let wasAssigned = Atomic<Bool>(false)
    private let isSubscribed = Atomic<Bool>(false)
    private let queues = Mutex<[TopicPartition: PartitionQueue]>([:])

    /// Signals the owner; called on librdkafka's threads: it must neither block them nor call librdkafka.
    private final class Bell: Sendable {
        let ring: @Sendable () -> Void

        init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }
    }

    // Safety: the queue is freed by the owner only, see above.
    private struct PartitionQueue: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Makes the client; it joins the group with ``subscribe(to:)``.
    ///
    /// `onSignal` is called when there may be something to take; it must not block.
    /// Throws an error that names the setting that is unknown, wrong or set twice.
    public init(_ settings: GroupConsumerSettings, onSignal: @escaping @Sendable () -> Void) throws(KafkaError) {
        watch = JoinWatch(onEnd: onSignal)
        client = try ClientHandle(settings.client, settings.options, type: RD_KAFKA_CONSUMER, watch: watch)
        rd_kafka_poll_set_consumer(client.pointer)
        events = rd_kafka_queue_get_consumer(client.pointer)
        bell = Bell(onSignal)
        ring(for: events)
    }

    /// A member that was not closed is freed on another thread, since that blocks.
    deinit {
        guard client.shut() else { return }
        let remains = remains
        blockingWork.async { remains.free() }
    }

    private var remains: Remains {
        Remains(
            client: client,
            events: events,
            bell: bell,
            watch: watch,
            queues: queues.withLock { $0.values.map(\.pointer) },
            isTrapped: isSubscribed.load(ordering: .relaxed) && !wasAssigned.load(ordering: .relaxed)
        )
    }

    private func ring(for queue: OpaquePointer) {
        rd_kafka_queue_cb_event_enable(
            queue,
            { _, opaque in
                guard let opaque else { return }
                Unmanaged<Bell>.fromOpaque(opaque).takeUnretainedValue().ring()
            },
            Unmanaged.passUnretained(bell).toOpaque()
        )
    }

    /// Joins the group for these topics; assignments come as events.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        try client.borrow { client throws(KafkaError) in
            let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
            let code = rd_kafka_subscribe(client, list.pointer)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
            isSubscribed.store(true, ordering: .relaxed)
        }
    }

    /// Whether this member is joining its group in a rebalance, or may be about to. It goes on reading what it has, but
    /// a commit now would be held back until the answer, be refused for its old generation, and make librdkafka give up
    /// the whole assignment. Ask again a moment later; `onSignal` is called when the member has joined.
    public var isJoining: Bool { watch.isJoining }

    /// The next event, if there is one. Never blocks.
    public func nextEvent() -> GroupEvent? {
        let found = try? client.borrow { client throws(KafkaError) -> GroupEvent? in
            while let event = rd_kafka_queue_poll(events, 0) {
                defer { rd_kafka_event_destroy(event) }
                guard let known = GroupEvent(event, client) else { continue }
                if case .assigned = known { wasAssigned.store(true, ordering: .relaxed) }
                return known
            }
            return nil
        }
        return found ?? nil
    }

    /// Begins to read partitions, each at an offset; the answer to ``GroupEvent/assigned(_:)``. Does not block.
    ///
    /// An offset that is not there means what ``GroupConsumerSettings/start`` says.
    public func assign(_ starts: [TopicPartition: Int64]) throws(KafkaError) {
        try client.borrow { client throws(KafkaError) in
            let list = PartitionList(capacity: starts.count)
            for (partition, offset) in starts.sorted(by: { $0.key < $1.key }) {
                // Before the fetching starts: from then on its records would go to the common queue.
                separate(partition, client)
                list.add(partition, offset: offset)
            }
            if isCooperative(client) {
                if let error = KafkaError(consuming: rd_kafka_incremental_assign(client, list.pointer)) { throw error }
            } else {
                let code = rd_kafka_assign(client, list.pointer)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
            }
        }
    }

    private func separate(_ partition: TopicPartition, _ client: OpaquePointer) {
        guard let queue = rd_kafka_queue_get_partition(client, partition.topic, partition.partition) else { return }
        rd_kafka_queue_forward(queue, nil)
        ring(for: queue)
        let before = queues.withLock { $0.updateValue(PartitionQueue(pointer: queue), forKey: partition) }
        if let before { GroupConsumer.release(before.pointer) }
    }

    private static func release(_ queue: OpaquePointer) {
        rd_kafka_queue_cb_event_enable(queue, nil, nil)
        rd_kafka_queue_destroy(queue)
    }

    /// Releases partitions, without blocking; the answer to ``GroupEvent/revoked(_:isLost:)``. Drops what was fetched.
    public func unassign(_ partitions: [TopicPartition]) throws(KafkaError) {
        try client.borrow { client throws(KafkaError) in
            let gone = queues.withLock { queues in partitions.compactMap { queues.removeValue(forKey: $0) } }
            for queue in gone { GroupConsumer.release(queue.pointer) }
            if isCooperative(client) {
                let list = PartitionList(partitions)
                if let error = KafkaError(consuming: rd_kafka_incremental_unassign(client, list.pointer)) {
                    throw error
                }
            } else {
                let code = rd_kafka_assign(client, nil)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
            }
        }
    }

    private func isCooperative(_ client: OpaquePointer) -> Bool {
        rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
    }

    /// Records of one assigned partition that have been fetched, at most `max`. Never blocks. Fewer than `max` means
    /// that there are no more for now, and that `onSignal` will be called when there are.
    public func take(from partition: TopicPartition, max: Int) -> ConsumerBatch {
        var batch = ConsumerBatch()
        _ = try? client.borrow { _ throws(KafkaError) in
            guard let queue = queues.withLock({ $0[partition] }) else { return }
            withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: max) { slots in
                let count = rd_kafka_consume_batch_queue(queue.pointer, 0, slots.baseAddress, max)
                batch.reserve(Swift.max(0, count))
                for index in 0..<Swift.max(count, 0) {
                    if let message = slots[index] { batch.take(message, partition.topic) }
                }
            }
        }
        return batch
    }

    /// Commits offsets in the background; ``GroupEvent/committed(_:)`` reports the result, with the same `opaque`.
    ///
    /// Throws when the assignment is lost: librdkafka would commit without being a member, which a broker
    /// accepts while the group is empty, whatever other members have committed meanwhile.
    public func commit(_ offsets: [TopicPartition: CommittedOffset], opaque: UInt) throws(KafkaError) {
        try client.borrow { client throws(KafkaError) in
            guard rd_kafka_assignment_lost(client) == 0 else { throw KafkaError(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST) }
            let list = PartitionList(capacity: offsets.count)
            for (partition, committed) in offsets {
                list.add(partition, offset: committed.offset, metadata: committed.metadata)
            }
            let mark = UnsafeMutableRawPointer(bitPattern: opaque)
            let code = rd_kafka_commit_queue(client, list.pointer, events, nil, mark)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        }
    }

    /// The offsets that the group has committed in these partitions; those without one are missing.
    public func committed(
        _ partitions: [TopicPartition],
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: CommittedOffset] {
        try await offPool { [self] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                let list = PartitionList(partitions)
                let code = rd_kafka_committed(client, list.pointer, timeout.clampedMilliseconds)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
                var found: [TopicPartition: CommittedOffset] = [:]
                for (partition, committed, error) in PartitionList.elements(of: list.pointer) {
                    if let error { throw error }
                    if committed.offset >= 0 { found[partition] = committed }
                }
                return found
            }
        }
    }

    /// The offset of a partition's first record and the one that its next record will have, asked of the broker.
    public func watermarks(
        of partition: TopicPartition,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> Range<Int64> {
        try await offPool { [self] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try Consumer.watermarks(partition.topic, partition.partition, client, timeout)
            }
        }
    }

    /// The offset that the next record of an assigned partition will have, as of the last fetch; `nil` before that.
    public func knownEnd(of partition: TopicPartition) -> Int64? {
        let end = try? client.borrow { client throws(KafkaError) -> Int64? in
            var low: Int64 = 0
            var high: Int64 = 0
            let code = rd_kafka_get_watermark_offsets(client, partition.topic, partition.partition, &low, &high)
            return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
        }
        return end ?? nil
    }

    /// Begins to leave the group: a last ``GroupEvent/revoked(_:isLost:)`` comes for what is assigned, to be answered
    /// as usual; after that ``isClosed`` becomes true.
    public func beginClose() throws(KafkaError) {
        try client.borrow { client throws(KafkaError) in
            if let error = KafkaError(consuming: rd_kafka_consumer_close_queue(client, events)) { throw error }
        }
    }

    /// Whether the group has been left after ``beginClose()``.
    public var isClosed: Bool {
        let closed = try? client.borrow { client throws(KafkaError) in rd_kafka_consumer_closed(client) != 0 }
        return closed ?? true
    }

    /// Ends librdkafka's threads and frees everything; without ``beginClose()`` the group notices after the
    /// session timeout. Idempotent. Blocks for some milliseconds.
    public func close() {
        guard client.shut() else { return }
        let remains = remains
        queues.withLock { $0 = [:] }
        remains.free()
    }

    /// Safety: carries the pointers to the thread that frees what they point to.
    private struct Remains: @unchecked Sendable {
        let client: ClientHandle
        let events: OpaquePointer
        let bell: Bell
        let watch: JoinWatch
        let queues: [OpaquePointer]
        /// librdkafka 2.0.2 aborts the process when a client is freed that had begun to join, with the sticky assignor,
        /// and was never assigned anything (an assertion in `rd_kafka_sticky_assignor_state_destroy`).
        let isTrapped: Bool

        func free() {
            for queue in queues { GroupConsumer.release(queue) }
            if isTrapped { return leave() }
            GroupConsumer.release(events)
            client.destroy()
            withExtendedLifetime((bell, watch)) {}
        }

        /// Leaves the group, and leaves the client to the end of the process.
        private func leave() {
            _ = KafkaError(consuming: rd_kafka_consumer_close_queue(client.pointer, client.queue))
            // Safety: the client may use it for as long as the process lives.
            _ = Unmanaged.passRetained(watch)
        }
    }
}
