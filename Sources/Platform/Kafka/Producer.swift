import CRdKafka
import Dispatch
import Synchronization

/// Writes records; owns one librdkafka client.
///
/// How reports come back is chosen once, at `init`:
/// - ``DeliveryMode/drained``: one thread, the owner's, calls `produce` and ``drain(waitMilliseconds:_:)``, woken
///   through ``wake(fileDescriptor:)``. No lock and no hop lies between a report and its handler.
/// - ``DeliveryMode/awaited(onEvent:)``: any task calls ``send(_:to:)``, which returns with the acknowledgement.
///
/// End it with ``close(_:)``; every record that was taken is reported before that returns.
///
/// Safety: `produce`, `drain`, `wake`, `flush`, `purge` and `close` of a drained producer belong to the owner's thread,
/// `hasEnded` is touched there only. Everything else goes through `ClientHandle.borrow`, which keeps
/// the client alive, or is immutable, atomic or under a `Mutex`.
public final class Producer: @unchecked Sendable {
    let client: ClientHandle
    let pump: EventPump
    let signal: QueueSignal?
    let number = Producer.numbers.wrappingAdd(1, ordering: .relaxed).newValue
    var hasEnded = false

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

    /// A producer that nobody closed frees its client on a thread of its own, since that blocks. Its records may be
    /// lost unreported; nobody is left to hear of them.
    deinit {
        guard client.shut() else { return }
        let remains = (client: client, signal: signal, topics: takeTopics())
        blockingWork.async {
            remains.signal?.stop()
            Producer.free(remains.client, remains.topics)
        }
    }

    /// The topic's handle for `produce`. The same one for the same name.
    ///
    /// Throws for a name that no topic can have, and ``KafkaError/isClosed``.
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

    /// Records taken and not yet reported. Readable from any thread.
    public var unreportedCount: Int { pump.unreported.load(ordering: .relaxed) }

    /// The error that put this producer beyond repair, if any. Not for the hot path.
    public var fatalError: KafkaError? {
        do throws(KafkaError) {
            return try client.borrow { client throws(KafkaError) in KafkaError(fatalIn: client) }
        } catch {
            return nil
        }
    }

    /// Asks the cluster how many partitions a topic has. Blocks up to `timeout`: never on the loop's thread, nor in
    /// the cooperative pool. See ``TopicWatch`` for a standing answer.
    ///
    /// Throws ``KafkaError/isUnknownTopic``, ``KafkaError/isTimedOut``, ``KafkaError/isClosed``, …
    public func partitionCount(of topic: String, timeout: Duration) throws(KafkaError) -> Int {
        let topic = try self.topic(topic)
        return try client.partitionCount(topic.pointer, timeout)
    }

    func enqueue(
        _ topic: Topic,
        _ key: Span<UInt8>?,
        _ value: Span<UInt8>?,
        _ headers: consuming RecordHeaders,
        _ timestampMilliseconds: Int64,
        _ opaque: UnsafeMutableRawPointer?
    ) throws(KafkaError) {
        let code = enqueued(topic, key, value, headers.pointer, timestampMilliseconds, opaque)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw refusal(code) }
        headers.release()
    }

    /// Whoever calls this gives the headers away if there is no error.
    func enqueued(
        _ topic: Topic,
        _ key: Span<UInt8>?,
        _ value: Span<UInt8>?,
        _ headers: OpaquePointer?,
        _ timestampMilliseconds: Int64,
        _ opaque: UnsafeMutableRawPointer?
    ) -> rd_kafka_resp_err_t {
        let code = withBytes(of: key) { key, keyBytes in
            withBytes(of: value) { value, valueBytes in
                relay_producev(
                    client.pointer,
                    topic.pointer,
                    -1,
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

    func refusal(_ code: rd_kafka_resp_err_t) -> KafkaError {
        guard code == RD_KAFKA_RESP_ERR__FATAL else { return KafkaError(code) }
        return KafkaError(fatalIn: client.pointer) ?? KafkaError(code)
    }

    func takeTopics() -> [Topic] {
        topics.withLock { topics in
            defer { topics = [:] }
            return Array(topics.values)
        }
    }

    static func free(_ client: ClientHandle, _ topics: [Topic]) {
        for topic in topics { rd_kafka_topic_destroy(topic.pointer) }
        client.destroy()
    }
}

/// How a producer's reports reach their owner.
public enum DeliveryMode: Sendable {
    /// The owner calls ``Producer/drain(waitMilliseconds:_:)`` on its own thread.
    case drained
    /// ``Producer/send(_:to:)`` returns with the report; all other events go to `onEvent`, on the producer's queue.
    case awaited(onEvent: @Sendable (ProducerEvent) -> Void)
}
