import CRdKafka
import Dispatch
import Glibc
import Synchronization

/// Empties a producer's event queue.
///
/// Safety: `run` is called by one thread at a time: the owner's in drained mode, the signal's queue in awaited mode.
final class EventPump: @unchecked Sendable {
    let unreported = Atomic<Int>(0)
    private(set) var isRunning = false
    private let client: ClientHandle

    init(_ client: ClientHandle) { self.client = client }

    /// Waits for a first event, hands over all that are queued and returns their number.
    func run(waitMilliseconds: Int32, _ handle: (ProducerEvent) -> Void) -> Int {
        isRunning = true
        defer { isRunning = false }
        var count = 0
        var wait = waitMilliseconds
        while let event = rd_kafka_queue_poll(client.queue, wait) {
            count += take(event, handle)
            rd_kafka_event_destroy(event)
            wait = 0
        }
        return count
    }

    /// Runs until every record is reported or the deadline has passed; returns how many are left.
    @discardableResult
    func runUntilReported(_ deadline: Duration, _ handle: (ProducerEvent) -> Void) -> Int {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        while unreported.load(ordering: .relaxed) > 0 {
            let left = clock.now.duration(to: end)
            _ = run(waitMilliseconds: max(left, .zero).clampedMilliseconds, handle)
            if left <= .zero { break }
        }
        return unreported.load(ordering: .relaxed)
    }

    private func take(_ event: OpaquePointer, _ handle: (ProducerEvent) -> Void) -> Int {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR: return reports(event, handle)
        case RD_KAFKA_EVENT_ERROR: handle(EventPump.error(event, client.pointer))
        case RD_KAFKA_EVENT_STATS: handle(.statistics(EventPump.statistics(event)))
        case RD_KAFKA_EVENT_LOG: handle(.log(LogLine(event)))
        default: return 0
        }
        return 1
    }

    private func reports(_ event: OpaquePointer, _ handle: (ProducerEvent) -> Void) -> Int {
        var count = 0
        while let message = rd_kafka_event_message_next(event) {
            count += 1
            unreported.wrappingSubtract(1, ordering: .relaxed)
            handle(.delivered(DeliveryReport(message)))
        }
        return count
    }

    private static func error(_ event: OpaquePointer, _ client: OpaquePointer) -> ProducerEvent {
        let error = KafkaError(event: event)
        guard error.isFatal else { return .error(error) }
        return .fatal(KafkaError(fatalIn: client) ?? error)
    }

    private static func statistics(_ event: OpaquePointer) -> [UInt8] {
        guard let json = rd_kafka_event_stats(event) else { return [] }
        let bytes = UnsafeRawBufferPointer(start: json, count: strlen(json))
        return Array(bytes)
    }
}

/// Drains a producer on its own dispatch queue whenever librdkafka signals an event: no polling, no sleeping.
///
/// Safety: librdkafka holds an unretained pointer to this object from `init` to `stop`, and the producer keeps it alive
/// for as long. The callback only adds to a dispatch source, which merges signals until its handler has run. The pump
/// runs on `queue` only.
final class QueueSignal: @unchecked Sendable {
    private let pump: EventPump
    private let client: ClientHandle
    private let queue = DispatchQueue(label: "kafka.reports", qos: .userInitiated)
    private let source: any DispatchSourceUserDataAdd
    private let handle: @Sendable (ProducerEvent) -> Void

    init(_ client: ClientHandle, _ pump: EventPump, _ onEvent: @escaping @Sendable (ProducerEvent) -> Void) {
        self.pump = pump
        self.client = client
        handle = { event in
            if case .delivered(let report) = event { SendWaiter.resume(report, client) } else { onEvent(event) }
        }
        source = DispatchSource.makeUserDataAddSource(queue: queue)
        source.setEventHandler { [pump, handle] in _ = pump.run(waitMilliseconds: 0, handle) }
        source.activate()
        let opaque = Unmanaged.passUnretained(self).toOpaque()
        rd_kafka_queue_cb_event_enable(
            client.queue,
            { _, opaque in
                guard let opaque else { return }
                Unmanaged<QueueSignal>.fromOpaque(opaque).takeUnretainedValue().source.add(data: 1)
            },
            opaque
        )
        source.add(data: 1)
    }

    /// Runs the pump until every record is reported, then ends as `stop` does.
    func finish(_ limit: Duration) {
        dispatchPrecondition(condition: .notOnQueue(queue))
        queue.sync {
            pump.runUntilReported(limit, handle)
            _ = pump.run(waitMilliseconds: 0, handle)
        }
        stop()
    }

    /// No callback and no run of the pump happens after this returns.
    func stop() {
        rd_kafka_queue_cb_event_enable(client.queue, nil, nil)
        source.cancel()
        queue.sync {}
    }
}

extension KafkaError {
    /// The error that an event of type ERROR, or a result event, carries.
    init(event: OpaquePointer) {
        let detail = rd_kafka_event_error_string(event).map { String(cString: $0) }
        let code = rd_kafka_event_error(event)
        // librdkafka looks behind the end of any other event for it.
        let isFlagged = rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR && rd_kafka_event_error_is_fatal(event) != 0
        let isFatal = isFlagged || code == RD_KAFKA_RESP_ERR__FATAL
        self.init(code: code.rawValue, detail: detail, isFatal: isFatal, isRetriable: isFatal ? false : nil)
    }
}

extension LogLine {
    init(_ event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var severity: Int32 = 0
        rd_kafka_event_log(event, &facility, &text, &severity)
        self.severity = Int(severity)
        self.facility = facility.map { String(cString: $0) } ?? ""
        self.text = text.map { String(cString: $0) } ?? ""
    }
}

extension DeliveryReport {
    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        opaque = UInt(bitPattern: message.pointee._private)
        partition = message.pointee.partition
        offset = message.pointee.offset >= 0 ? message.pointee.offset : -1
        latencyMicroseconds = rd_kafka_message_latency(message)
        recordBytes = message.pointee.len + message.pointee.key_len
        let code = message.pointee.err
        error = code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
        switch rd_kafka_message_status(message) {
        case RD_KAFKA_MSG_STATUS_PERSISTED: persistence = .persisted
        case RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED: persistence = .possiblyPersisted
        default: persistence = .notPersisted
        }
    }
}
