import HTTPServer
import Kafka
import NotionEvents

/// Takes records to Kafka and answers their requests when the reports come. One per loop, confined to its thread.
///
/// A producer that met a fatal error is replaced at once; the old one is drained until it owes no report, and closed
/// on another thread.
final class Publisher {
    struct Client {
        let producer: Producer
        let events: Topic
        let deadLetters: Topic
        let watch: TopicWatch
    }

    unowned let loop: EventLoop
    let context: ReceiverContext
    let state: BrokerState
    let gauges: ClientGauges
    var current: Client
    var retired: [Client] = []
    var admission: Admission
    var inFlight: InFlight
    var needsReplacement = false
    var wakeup: Int32 = -1

    init(loop: EventLoop, context: ReceiverContext, state: BrokerState, gauges: ClientGauges) throws {
        self.loop = loop
        self.context = context
        self.state = state
        self.gauges = gauges
        let settings = context.settings
        current = try Self.connect(context, state)
        admission = Admission(recordsMax: settings.inFlightRecordsMax, bytesMax: settings.inFlightBytesMax)
        inFlight = InFlight(capacity: min(settings.inFlightRecordsMax, 1024))
        wakeup = try loop.wakeup { [unowned self] in self.drain() }
        current.producer.wake(fileDescriptor: wakeup)
        loop.every(milliseconds: 250) { [unowned self] in self.gauges.show(self.admission) }
    }

    static func connect(_ context: ReceiverContext, _ state: BrokerState) throws(KafkaError) -> Client {
        let settings = context.settings
        let producer = try Producer(settings.producer)
        let events = try producer.topic(settings.topic)
        let deadLetters = try producer.topic(settings.deadLetterTopic)
        let watch = TopicWatch(producer, topic: settings.topic) { state.note($0) }
        return Client(producer: producer, events: events, deadLetters: deadLetters, watch: watch)
    }

    var isWarm: Bool { state.isWarm }

    func admits(bytes: Int) -> Bool { admission.admits(bytes: bytes) }

    /// The loop's end: what is still queued gets a last chance, everything is reported, the clients are closed.
    func end() {
        for client in retired + [current] {
            client.watch.stop()
            client.producer.flush(deadline: .milliseconds(context.settings.flushMilliseconds)) { self.take($0) }
            client.producer.close { self.take($0) }
        }
        retired = []
    }

    /// Hands an event over. The result is nil when its report will answer the request, else the outcome at once.
    func publish(
        _ record: borrowing EventRecord,
        receivedAtMilliseconds: Int64,
        _ waiting: consuming Waiting
    ) -> Outcome? {
        var headers = RecordHeaders(capacity: record.headerCount)
        for index in 0..<record.headerCount { headers.append(record.headerName(index), record.headerValue(index)) }
        waiting.take(eventID: record.eventID)
        return produce(to: current.events, record.key, record.value, headers, receivedAtMilliseconds, waiting)
    }

    /// Hands a delivery over that was verified and not understood, byte by byte.
    func publish(_ record: DeadLetterRecord, receivedAtMilliseconds: Int64, _ waiting: Waiting) -> Outcome? {
        var headers = RecordHeaders(capacity: record.headers.count)
        for header in record.headers { headers.append(Array(header.name.utf8).span, header.value.span) }
        let topic = current.deadLetters
        guard let key = record.key else {
            return produce(to: topic, nil, record.value.span, headers, receivedAtMilliseconds, waiting)
        }
        return produce(to: topic, key.span, record.value.span, headers, receivedAtMilliseconds, waiting)
    }

    private func produce(
        to topic: Topic,
        _ key: Span<UInt8>?,
        _ value: Span<UInt8>,
        _ headers: consuming RecordHeaders,
        _ timestampMilliseconds: Int64,
        _ waiting: Waiting
    ) -> Outcome? {
        guard admission.admits(bytes: waiting.bytes) else { return .overloaded }
        let opaque = inFlight.insert(waiting)
        do throws(KafkaError) {
            try current.producer.produce(
                to: topic,
                key: key,
                value: value,
                headers: headers,
                timestampMilliseconds: timestampMilliseconds,
                opaque: opaque
            )
            admission.take(bytes: waiting.bytes)
            return nil
        } catch {
            _ = inFlight.remove(opaque)
            if error.isFatal { needsReplacement = true }
            context.telemetry.notProduced(error)
            if error.isTooLarge { return .tooLarge }
            return error.isQueueFull ? .overloaded : .brokerUnavailable
        }
    }
}
