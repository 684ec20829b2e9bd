import CRdKafka
import Dispatch
import Synchronization

/// Reads partitions from a chosen position on; no consumer group, no commits.
///
/// ``assign(_:from:partitions:separately:timeout:)``, then ``next(max:deadlineMilliseconds:)`` in a loop, then
/// ``close()``.
///
/// Safety: every use of the client goes through `ClientHandle.borrow`; the reading queue and the topics are freed by
/// `close` after the last borrower has left; what is assigned is under a `Mutex`.
public final class Consumer: @unchecked Sendable {
    private let client: ClientHandle
    private let reading: OpaquePointer
    private let work = DispatchQueue(label: "kafka.consumer")
    private let assigned = Mutex(Assignment())

    /// What is being read.
    private struct Assignment: @unchecked Sendable {
        // Safety: the pointers are freed by `close` only.
        var names: [OpaquePointer: String] = [:]
        var partitions: [OpaquePointer: [Int32]] = [:]
    }

    /// Makes the client; brokers are contacted in the background.
    ///
    /// Throws an error that names the setting that is unknown, wrong or set twice.
    public init(_ settings: ConsumerSettings) throws(KafkaError) {
        client = try ClientHandle(settings.client, settings.options, type: RD_KAFKA_CONSUMER)
        reading = rd_kafka_queue_new(client.pointer)
    }

    /// A consumer that was not closed is freed on another thread, since that blocks.
    deinit {
        guard client.shut() else { return }
        let remains = (client: client, reading: SendablePointer(reading), assigned: assigned.withLock { $0 })
        blockingWork.async { Consumer.free(remains.client, remains.reading.pointer, remains.assigned) }
    }

    /// Starts reading partitions of a topic, all of them unless named, and returns which ones these are.
    ///
    /// `.end` and `.timestamp` are turned into offsets before this returns, so that a record sent later is not missed.
    /// A partition is assigned once; what is assigned `separately` comes by
    /// ``poll(_:partition:max:deadlineMilliseconds:)`` only. Does not block the caller's thread.
    @discardableResult
    public func assign(
        _ topic: String,
        from position: Position,
        partitions: [Int32]? = nil,
        separately: Bool = false,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [Int32] {
        try await offPool { [self] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                let pointer = try use(topic, client)
                var chosen = partitions ?? []
                if partitions == nil { chosen = Array(0..<Int32(try self.client.partitionCount(pointer, timeout))) }
                let offsets = try Consumer.resolve(position, topic, chosen, client, timeout)
                for (partition, offset) in offsets { try start(pointer, partition, offset, separately) }
                return chosen
            }
        }
    }

    private func use(_ topic: String, _ client: OpaquePointer) throws(KafkaError) -> OpaquePointer {
        guard let pointer = rd_kafka_topic_new(client, topic, nil) else {
            throw KafkaError(rd_kafka_last_error(), detail: "cannot use topic \"\(topic)\"")
        }
        let known = assigned.withLock { assigned in
            defer { assigned.names[pointer] = topic }
            return assigned.names[pointer] != nil
        }
        if known { rd_kafka_topic_destroy(pointer) }
        return pointer
    }

    private func start(
        _ topic: OpaquePointer,
        _ partition: Int32,
        _ offset: Int64,
        _ separately: Bool
    ) throws(KafkaError) {
        let code =
            separately
            ? rd_kafka_consume_start(topic, partition, offset)
            : rd_kafka_consume_start_queue(topic, partition, offset, reading)
        guard code == 0 else { throw KafkaError(rd_kafka_last_error()) }
        assigned.withLock { $0.partitions[topic, default: []].append(partition) }
    }

    /// Waits for records and returns what has arrived, at most `max`; empty when the deadline passes. A blocking
    /// call: for a dedicated thread. ``close()`` from another thread ends it.
    ///
    /// Throws ``KafkaError/isClosed``. Errors of brokers and partitions are in the batch; reading goes on by itself.
    public func poll(max: Int, deadlineMilliseconds: Int) throws(KafkaError) -> ConsumerBatch {
        precondition(max > 0, "A batch holds at least one record.")
        return try client.borrow { _ throws(KafkaError) in
            var batch = ConsumerBatch()
            let names = assigned.withLock { $0.names }
            let wait = Int32(clamping: deadlineMilliseconds)
            guard let first = rd_kafka_consume_queue(reading, wait) else {
                takeErrors(into: &batch)
                return batch
            }
            batch.take(first, names)
            // The call below waits for a full batch unless it may not wait at all.
            Consumer.take(max - 1) { slots, count in
                rd_kafka_consume_batch_queue(reading, 0, slots, count)
            } each: {
                batch.take($0, names)
            }
            takeErrors(into: &batch)
            return batch
        }
    }

    /// As ``poll(max:deadlineMilliseconds:)``, of one partition that was assigned separately: what is not taken
    /// stays in its queue, and no more is fetched than the prefetch allows.
    public func poll(
        _ topic: String,
        partition: Int32,
        max: Int,
        deadlineMilliseconds: Int
    ) throws(KafkaError) -> ConsumerBatch {
        precondition(max > 0, "A batch holds at least one record.")
        return try client.borrow { _ throws(KafkaError) in
            var batch = ConsumerBatch()
            let pointer = assigned.withLock { $0.names.first { $0.value == topic }?.key }
            guard let pointer else { throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, detail: topic) }
            if let first = rd_kafka_consume(pointer, partition, Int32(clamping: deadlineMilliseconds)) {
                batch.reserve(max)
                batch.take(first, topic)
                Consumer.take(max - 1) { slots, count in
                    rd_kafka_consume_batch(pointer, partition, 0, slots, count)
                } each: {
                    batch.take($0, topic)
                }
            }
            takeErrors(into: &batch)
            return batch
        }
    }

    /// Takes what is there already, at most `max` messages.
    private static func take(
        _ max: Int,
        from read: (UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>?, Int) -> Int,
        each take: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void
    ) {
        guard max > 0 else { return }
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: max) { slots in
            for index in 0..<Swift.max(read(slots.baseAddress, max), 0) {
                if let message = slots[index] { take(message) }
            }
        }
    }

    /// As ``poll(max:deadlineMilliseconds:)``, on a queue of the consumer's: the task is suspended meanwhile.
    public func next(max: Int = 1000, deadlineMilliseconds: Int) async throws(KafkaError) -> ConsumerBatch {
        try await offPool(work) { [self] () throws(KafkaError) in
            try poll(max: max, deadlineMilliseconds: deadlineMilliseconds)
        }
    }

    private func takeErrors(into batch: inout ConsumerBatch) {
        while let event = rd_kafka_queue_poll(client.queue, 0) {
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR { batch.errors.append(KafkaError(event: event)) }
            rd_kafka_event_destroy(event)
        }
    }

    /// How many partitions a topic has.
    public func partitionCount(of topic: String, timeout: Duration = .seconds(10)) async throws(KafkaError) -> Int {
        try await offPool { [self] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try self.client.partitionCount(use(topic, client), timeout)
            }
        }
    }

    /// The offset of a partition's first record and the one that its next record will have.
    public func watermarks(
        of topic: String,
        partition: Int32,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> Range<Int64> {
        try await offPool { [self] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try Consumer.watermarks(topic, partition, client, timeout)
            }
        }
    }

    /// The watermarks of several partitions, one after the other.
    package func watermarks(
        of topic: String,
        partitions: some Sequence<Int32>,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [Int32: Range<Int64>] {
        var kept: [Int32: Range<Int64>] = [:]
        for partition in partitions {
            kept[partition] = try await watermarks(of: topic, partition: partition, timeout: timeout)
        }
        return kept
    }

    /// For each partition the offset of the first record with this time or a later one, or of the next record to come.
    public func offsets(
        of topic: String,
        partitions: [Int32],
        atMilliseconds time: Int64,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [Int32: Int64] {
        try await offPool { [self] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                let position = Position.timestamp(milliseconds: time)
                let found = try Consumer.resolve(position, topic, partitions, client, timeout)
                return Dictionary(found) { first, _ in first }
            }
        }
    }

    static func resolve(
        _ position: Position,
        _ topic: String,
        _ partitions: [Int32],
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [(Int32, Int64)] {
        var found: [(Int32, Int64)] = []
        switch position {
        case .beginning: found = partitions.map { ($0, Int64(RD_KAFKA_OFFSET_BEGINNING)) }
        case .offset(let offset): found = partitions.map { ($0, offset) }
        case .end:
            for partition in partitions {
                found.append((partition, try watermarks(topic, partition, client, timeout).upperBound))
            }
        case .timestamp(let time):
            for (partition, offset) in try offsets(topic, partitions, time, client, timeout) {
                let known = offset >= 0 ? offset : try watermarks(topic, partition, client, timeout).upperBound
                found.append((partition, known))
            }
        }
        return found
    }

    static func watermarks(
        _ topic: String,
        _ partition: Int32,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        let limit = timeout.clampedMilliseconds
        let code = rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, limit)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return low..<max(low, high)
    }

    /// -1 where no record is that new.
    private static func offsets(
        _ topic: String,
        _ partitions: [Int32],
        _ time: Int64,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [(Int32, Int64)] {
        guard let list = rd_kafka_topic_partition_list_new(Int32(partitions.count)) else { return [] }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for partition in partitions {
            rd_kafka_topic_partition_list_add(list, topic, partition).pointee.offset = time
        }
        let code = rd_kafka_offsets_for_times(client, list, timeout.clampedMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        var found: [(Int32, Int64)] = []
        for index in 0..<Int(list.pointee.cnt) {
            let element = list.pointee.elems[index]
            guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(element.err) }
            found.append((element.partition, element.offset))
        }
        return found
    }

    /// Stops reading, ends librdkafka's threads and frees everything. Idempotent. Blocks for some milliseconds.
    public func close() {
        guard client.shut(hurry: { rd_kafka_queue_yield(reading) }) else { return }
        Consumer.free(client, reading, assigned.withLock { $0 })
    }

    private static func free(_ client: ClientHandle, _ reading: OpaquePointer, _ assigned: Assignment) {
        for (topic, partitions) in assigned.partitions {
            for partition in partitions { rd_kafka_consume_stop(topic, partition) }
        }
        for topic in assigned.names.keys { rd_kafka_topic_destroy(topic) }
        rd_kafka_queue_destroy(reading)
        client.destroy()
    }
}

/// Safety: carries a pointer to the thread that frees what it points to.
private struct SendablePointer: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }
}

/// Where reading a partition begins.
public enum Position: Sendable, Equatable {
    /// The oldest record that is still kept.
    case beginning
    /// The first record that comes after now.
    case end
    /// This offset; out of range means the beginning.
    case offset(Int64)
    /// The first record with this time or a later one, in milliseconds since 1970; the end if there is none.
    case timestamp(milliseconds: Int64)
}

/// How a ``Consumer`` reads.
public struct ConsumerSettings: Sendable {
    /// Cluster and connection.
    public var client: ClientSettings

    /// KiB that may be fetched ahead of the reader for each partition.
    public var prefetchKibibytesMax: Int

    /// How long a broker may hold a fetch back for more data.
    public var fetchWaitMilliseconds: Int

    /// How often the client asks for the topics' metadata; `nil` leaves librdkafka's five minutes or `extra`.
    ///
    /// An answer also makes a client whose prefetch is full check whether it may fetch again, which librdkafka 2.0
    /// otherwise does once a second: a small prefetch with high throughput needs a short interval.
    public var metadataRefreshMilliseconds: Int?

    /// Settings with defaults for reading a few partitions quickly.
    public init(
        client: ClientSettings,
        prefetchKibibytesMax: Int = 16_384,
        fetchWaitMilliseconds: Int = 50,
        metadataRefreshMilliseconds: Int? = nil
    ) {
        self.client = client
        self.prefetchKibibytesMax = prefetchKibibytesMax
        self.fetchWaitMilliseconds = fetchWaitMilliseconds
        self.metadataRefreshMilliseconds = metadataRefreshMilliseconds
    }

    var options: [ClientOption] {
        var options = [
            ClientOption("enable.partition.eof", true),
            ClientOption("auto.offset.reset", "earliest"),
            ClientOption("queued.max.messages.kbytes", prefetchKibibytesMax),
            ClientOption("fetch.wait.max.ms", fetchWaitMilliseconds),
            ClientOption("fetch.error.backoff.ms", 50),
        ]
        if let metadataRefreshMilliseconds {
            options.append(ClientOption("topic.metadata.refresh.interval.ms", metadataRefreshMilliseconds))
        }
        return options
    }
}
