import CRdKafka
import Dispatch
import Glibc
import Synchronization

/// Writes records; owns one librdkafka client.
///
/// How reports come back is chosen once, at `init`:
/// - ``DeliveryMode/drained``: one thread, the owner's, calls `produce` and ``drain(waitMilliseconds:_:)``, woken
///   through ``wake(fileDescriptor:)``. A report reaches its handler without a lock and without a change of thread.
/// - ``DeliveryMode/awaited(onEvent:)``: any task calls ``send(_:to:partition:)``, which returns with the
///   acknowledgement.
///
/// End it with ``close(_:)``; every record that was taken is reported before that returns.
///
/// Safety: `produce`, `drain`, `wake`, `flush`, `purge` and `close` of a drained producer belong to the owner's thread,
/// `hasEnded` is touched there only. Everything else goes through `ClientHandle.borrow`, which keeps
/// the client alive, or is immutable, atomic or under a `Mutex`.
public final class Producer: @unchecked Sendable {
    private let client: ClientHandle
    private let pump: EventPump
    private let signal: QueueSignal?
    private let number = Producer.numbers.wrappingAdd(1, ordering: .relaxed).newValue
    private var hasEnded = false

    private let topics = Mutex<[String: Topic]>([:])
    private static let numbers = Atomic<Int>(0)

    /// Makes the client and starts its threads; brokers are contacted in the background.
    ///
    /// Throws an error that names the setting that is unknown, wrong or set twice, or says that librdkafka is too old.
    public init(_ settings: ProducerSettings, delivery: DeliveryMode = .drained) throws(KafkaError) {
        client = try ClientHandle(settings.client, settings.options, type: RD_KAFKA_PRODUCER)
        pump = EventPump(client)
        switch delivery {
        case .drained: signal = nil
        case .awaited(let onEvent): signal = QueueSignal(client, pump, onEvent)
        }
    }

    /// A producer that was not closed frees its client on another thread; its records may be lost without a report.
    deinit {
        guard client.shut() else { return }
        let remains = (client: client, signal: signal, topics: takeTopics())
        blockingWork.async {
            remains.signal?.stop()
            Producer.free(remains.client, remains.topics)
        }
    }

    /// The topic's handle for `produce`; always the same for a name.
    ///
    /// Throws for an invalid topic name, and ``KafkaError/isClosed``.
    public func topic(_ name: String) throws(KafkaError) -> Topic {
        try client.borrow { client throws(KafkaError) in
            let made = topics.withLock { topics -> Topic? in
                if let topic = topics[name] { return topic }
                guard let pointer = rd_kafka_topic_new(client, name, nil) else { return nil }
                let topic = Topic(name: name, pointer: pointer, producerNumber: number)
                topics[name] = topic
                return topic
            }
            guard let made else { throw KafkaError(rd_kafka_last_error(), detail: "cannot use topic \"\(name)\"") }
            return made
        }
    }

    /// Hands a record over; its report follows with the same `opaque`. Never blocks. Drained mode, owner's thread.
    ///
    /// Key, value and headers are copied or taken over before it returns. The key decides the partition as Java's
    /// default partitioner would; a `nil` key goes anywhere.
    /// `timestampMilliseconds` counts from 1970; 0 lets the client put the time.
    /// Throws ``KafkaError/isQueueFull``, ``KafkaError/isTooLarge``, ``KafkaError/isFatal``,
    ///   ``KafkaError/isClosed``, …; then no report follows.
    public func produce(
        to topic: Topic,
        key: Span<UInt8>?,
        value: Span<UInt8>?,
        headers: consuming RecordHeaders,
        timestampMilliseconds: Int64,
        opaque: UInt
    ) throws(KafkaError) {
        precondition(signal == nil, "A producer in awaited mode is used through send.")
        precondition(topic.producerNumber == number, "A topic belongs to the producer that gave it.")
        guard !hasEnded else { throw .closed }
        try enqueue(topic, key, value, headers, timestampMilliseconds, UnsafeMutableRawPointer(bitPattern: opaque))
    }

    /// Hands a record over as it is; its report follows with the same `opaque`. Never blocks. Drained mode, owner's
    /// thread.
    ///
    /// The headers of a record that was read, and that has the only reference to them, are not copied: the record has
    /// none afterwards. `topic`, `partition` and `offset` of the record are ignored. Throws as
    /// ``produce(to:key:value:headers:timestampMilliseconds:opaque:)`` does; the record is as it was then.
    package func produce(_ record: inout Record, to topic: Topic, opaque: UInt) throws(KafkaError) {
        precondition(signal == nil, "A producer in awaited mode is used through send.")
        precondition(topic.producerNumber == number, "A topic belongs to the producer that gave it.")
        guard !hasEnded else { throw .closed }
        let time = record.timestampMilliseconds ?? 0
        let opaque = UnsafeMutableRawPointer(bitPattern: opaque)
        guard let list = record.ownList() else {
            let headers = RecordHeaders(of: record)
            return try enqueue(topic, record.key?.span, record.value?.span, headers, time, opaque)
        }
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        list.offer { headers in
            code = enqueued(topic, record.key?.span, record.value?.span, headers, time, opaque)
            return code == RD_KAFKA_RESP_ERR_NO_ERROR
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw refusal(code) }
        record.headers = []
    }

    /// Sends a record and returns once the broker has acknowledged it. Awaited mode, from any task.
    ///
    /// Waits at most the producer's message timeout. A cancelled task waits all the same: a record that was handed over
    /// cannot be taken back. `partition` and `offset` of the record are ignored; `topic` overrides the record's own,
    /// and `partition` the choice by key.
    /// Throws ``KafkaError/isQueueFull``, ``KafkaError/isTimedOut``, ``KafkaError/isPurged`` (closed meanwhile), ….
    public func send(
        _ record: Record,
        to topic: String? = nil,
        partition: Int32? = nil
    ) async throws(KafkaError) -> RecordMetadata {
        precondition(signal != nil, "A producer in drained mode is used through produce.")
        let topic = try self.topic(topic ?? record.topic)
        let result = await withCheckedContinuation { continuation in
            submit(record, topic, partition ?? Self.anyPartition, SendWaiter(topic.name, continuation))
        }
        return try result.get()
    }

    /// Sends a record as ``send(_:to:partition:)`` does, and again with the time of sending if its topic refuses the
    /// record's own as too old or too far ahead.
    package func sendAtAnyTime(
        _ record: Record,
        to topic: String,
        partition: Int32? = nil
    ) async throws(KafkaError) -> RecordMetadata {
        do throws(KafkaError) {
            return try await send(record, to: topic, partition: partition)
        } catch {
            guard error.isInvalidTimestamp, record.timestampMilliseconds != nil else { throw error }
        }
        var timeless = record
        timeless.timestampMilliseconds = nil
        return try await send(timeless, to: topic, partition: partition)
    }

    private func submit(_ record: Record, _ topic: Topic, _ partition: Int32, _ waiter: SendWaiter) {
        let opaque = Unmanaged.passRetained(waiter)
        do throws(KafkaError) {
            try client.borrow { _ throws(KafkaError) in
                let headers = RecordHeaders(of: record)
                let time = record.timestampMilliseconds ?? 0
                try enqueue(
                    topic,
                    record.key?.span,
                    record.value?.span,
                    headers,
                    time,
                    opaque.toOpaque(),
                    partition
                )
            }
        } catch {
            opaque.release()
            waiter.resume(.failure(error))
        }
    }

    /// Records taken and not yet reported. Readable from any thread.
    public var unreportedCount: Int { pump.unreported.load(ordering: .relaxed) }

    /// The fatal error of this producer, if any. Not for the hot path.
    public var fatalError: KafkaError? {
        do throws(KafkaError) {
            return try client.borrow { client throws(KafkaError) in KafkaError(fatalIn: client) }
        } catch {
            return nil
        }
    }

    /// Asks the cluster how many partitions a topic has. Blocks up to `timeout`: never on the loop's thread, nor in
    /// the cooperative pool. ``TopicWatch`` keeps asking.
    ///
    /// Throws ``KafkaError/isUnknownTopic``, ``KafkaError/isTimedOut``, ``KafkaError/isClosed``, …
    public func partitionCount(of topic: String, timeout: Duration) throws(KafkaError) -> Int {
        let topic = try self.topic(topic)
        return try client.partitionCount(topic.pointer, timeout)
    }

    /// Makes every arrival in the empty event queue add 1 to an eventfd (eight bytes are written). Drained mode.
    ///
    /// The owner then calls ``Producer/drain(waitMilliseconds:_:)``, which empties the queue: only the change from
    /// empty to not empty is signalled. One wake-up is written at once for what may have come before. The descriptor
    /// must be non-blocking and stay open until ``close(_:)``.
    public func wake(fileDescriptor: Int32) {
        precondition(signal == nil, "A producer in awaited mode drains itself.")
        guard !hasEnded else { return }
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(client.queue, fileDescriptor, &one, MemoryLayout.size(ofValue: one))
        Self.signal(fileDescriptor: fileDescriptor)
    }

    /// Adds 1 to an eventfd, as an event does, for what else its owner has to look at.
    package static func signal(fileDescriptor: Int32) {
        var one: UInt64 = 1
        _ = write(fileDescriptor, &one, MemoryLayout.size(ofValue: one))
    }

    /// Hands every waiting event to `handle` until none is left, and returns how many there were. Drained mode, owner's
    /// thread. `handle` may produce, but not close. Waits at most that long for a first event; not at all by default,
    /// and never on a loop's thread.
    @discardableResult
    public func drain(waitMilliseconds: Int = 0, _ handle: (ProducerEvent) -> Void) -> Int {
        precondition(signal == nil, "A producer in awaited mode drains itself.")
        guard !hasEnded else { return 0 }
        return pump.run(waitMilliseconds: Int32(clamping: waitMilliseconds), handle)
    }

    /// Waits until every record is reported or the deadline has passed, and returns how many are left. Blocks.
    ///
    /// In drained mode events go to `handle`, on the calling thread, which is the owner's. In awaited mode they are
    /// delivered as always, and `handle` is not called.
    @discardableResult
    public func flush(deadline: Duration, _ handle: (ProducerEvent) -> Void = { _ in }) -> Int {
        guard signal == nil else { return flushAwaited(deadline) }
        guard !hasEnded else { return 0 }
        return pump.runUntilReported(deadline, handle)
    }

    private func flushAwaited(_ deadline: Duration) -> Int {
        do throws(KafkaError) {
            return try client.borrow { client throws(KafkaError) in
                rd_kafka_flush(client, deadline.clampedMilliseconds)
                return unreportedCount
            }
        } catch {
            return 0
        }
    }

    /// Discards what is queued or in flight; each record is then reported with ``KafkaError/isPurged``.
    public func purge() {
        _ = try? client.borrow { client throws(KafkaError) in rd_kafka_purge(client, purgeEverything) }
    }

    /// Ends the producer: purges what ``flush(deadline:_:)`` left, hands over the last reports, stops librdkafka's
    /// threads and frees everything. Idempotent; later calls of other methods throw ``KafkaError/isClosed`` or do
    /// nothing. Blocks for some milliseconds, longer while ``partitionCount(of:timeout:)`` runs on another thread.
    ///
    /// Not from inside an event handler. In drained mode on the owner's thread; `handle` gets the events. To replace a
    /// producer without blocking a loop: `purge`, keep draining until ``unreportedCount`` is 0, then close the old one
    /// on another thread.
    public func close(_ handle: (ProducerEvent) -> Void = { _ in }) {
        guard client.shut() else { return }
        rd_kafka_purge(client.pointer, purgeEverything)
        if let signal {
            signal.finish(closeReportLimit)
        } else {
            precondition(!pump.isRunning, "A producer is not closed from inside its event handler.")
            hasEnded = true
            pump.runUntilReported(closeReportLimit, handle)
            _ = pump.run(waitMilliseconds: 0, handle)
            rd_kafka_queue_io_event_enable(client.queue, -1, nil, 0)
        }
        Producer.free(client, takeTopics())
    }

    /// Raises a fatal error, for tests of what the owner does then.
    package func raiseFatalError(code: Int32, reason: String) {
        _ = try? client.borrow { client throws(KafkaError) in
            rd_kafka_test_fatal_error(client, rd_kafka_resp_err_t(code), reason)
        }
    }

    /// The key decides: RD_KAFKA_PARTITION_UA, a macro that Swift does not see.
    private static let anyPartition: Int32 = -1

    private func enqueue(
        _ topic: Topic,
        _ key: Span<UInt8>?,
        _ value: Span<UInt8>?,
        _ headers: consuming RecordHeaders,
        _ timestampMilliseconds: Int64,
        _ opaque: UnsafeMutableRawPointer?,
        _ partition: Int32 = anyPartition
    ) throws(KafkaError) {
        let code = enqueued(topic, key, value, headers.pointer, timestampMilliseconds, opaque, partition)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw refusal(code) }
        headers.release()
    }

    /// The record takes the headers over unless there is an error.
    private func enqueued(
        _ topic: Topic,
        _ key: Span<UInt8>?,
        _ value: Span<UInt8>?,
        _ headers: OpaquePointer?,
        _ timestampMilliseconds: Int64,
        _ opaque: UnsafeMutableRawPointer?,
        _ partition: Int32 = anyPartition
    ) -> rd_kafka_resp_err_t {
        let code = withBytes(of: key) { key, keyBytes in
            withBytes(of: value) { value, valueBytes in
                relay_producev(
                    client.pointer,
                    topic.pointer,
                    partition,
                    key,
                    keyBytes,
                    value,
                    valueBytes,
                    headers,
                    timestampMilliseconds,
                    opaque
                )
            }
        }
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { pump.unreported.wrappingAdd(1, ordering: .relaxed) }
        return code
    }

    private func refusal(_ code: rd_kafka_resp_err_t) -> KafkaError {
        guard code == RD_KAFKA_RESP_ERR__FATAL else { return KafkaError(code) }
        return KafkaError(fatalIn: client.pointer) ?? KafkaError(code)
    }

    private func takeTopics() -> [Topic] {
        topics.withLock { topics in
            defer { topics = [:] }
            return Array(topics.values)
        }
    }

    private static func free(_ client: ClientHandle, _ topics: [Topic]) {
        for topic in topics { rd_kafka_topic_destroy(topic.pointer) }
        client.destroy()
    }
}

/// How a producer's reports reach their owner.
public enum DeliveryMode: Sendable {
    /// The owner calls ``Producer/drain(waitMilliseconds:_:)`` on its own thread.
    case drained
    /// ``Producer/send(_:to:partition:)`` returns with the report; all other events go to `onEvent`, on the producer's
    /// queue.
    case awaited(onEvent: @Sendable (ProducerEvent) -> Void)
}

/// A topic as one ``Producer`` knows it. Cheap to copy; valid until that producer is closed.
///
/// Safety: the pointer is only used by the producer whose number it carries, which checks the number first.
public struct Topic: @unchecked Sendable {
    /// The topic's name.
    public let name: String

    let pointer: OpaquePointer
    let producerNumber: Int
}

/// A task that waits for its record's report. librdkafka holds it as the record's opaque value, retained once.
final class SendWaiter: Sendable {
    private let topic: String
    private let continuation: CheckedContinuation<Result<RecordMetadata, KafkaError>, Never>

    init(_ topic: String, _ continuation: CheckedContinuation<Result<RecordMetadata, KafkaError>, Never>) {
        self.topic = topic
        self.continuation = continuation
    }

    func resume(_ result: Result<RecordMetadata, KafkaError>) { continuation.resume(returning: result) }

    /// Wakes the task whose record a report is about. Called once for each record.
    static func resume(_ report: DeliveryReport, _ client: ClientHandle) {
        guard let opaque = UnsafeRawPointer(bitPattern: report.opaque) else { return }
        let waiter = Unmanaged<SendWaiter>.fromOpaque(opaque).takeRetainedValue()
        if let error = report.error {
            // A fatal error purges what is queued, and is the reason.
            let reason = error.isPurged ? KafkaError(fatalIn: client.pointer) ?? error : error
            return waiter.resume(.failure(reason.toWrite(waiter.topic)))
        }
        waiter.resume(
            .success(RecordMetadata(topic: waiter.topic, partition: report.partition, offset: report.offset))
        )
    }
}

extension RecordHeaders {
    /// A record's headers, in their order.
    package init(of record: borrowing Record) {
        // Limit: an event has twelve, a replayed one three more; the list grows by itself.
        self.init(capacity: 16)
        record.forEachHeader { name, value in append(name, value) }
    }
}

/// Limit: purged records are reported by librdkafka's threads at once; ten seconds only bound a defect there.
private let closeReportLimit = Duration.seconds(10)

private let purgeEverything = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT
