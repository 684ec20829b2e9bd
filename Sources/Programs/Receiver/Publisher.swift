import Dispatch
import HTTPServer
import Kafka
import NotionEvents
import NotionWebhooks
import Operations
import Synchronization

/// Sends records to Kafka and answers their requests when the reports come. One per loop, confined to its thread. A
/// producer with a fatal error is replaced at once; the old one is drained until it owes no report, and closed on
/// another thread.
final class Publisher {
    private struct Client {
        let producer: Producer
        let events: Topic
        let deadLetters: Topic
        let watch: TopicWatch
    }

    private unowned let loop: EventLoop
    private let context: ReceiverContext
    private let state: BrokerState
    private let gauges: ClientGauges
    private var current: Client
    /// Producers after a fatal error that still owe reports.
    private var retired: [Client] = []
    private var admission: Admission
    private var inFlight: InFlight
    private var needsReplacement = false
    private var wakeup: Int32 = -1

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

    private static func connect(_ context: ReceiverContext, _ state: BrokerState) throws(KafkaError) -> Client {
        let settings = context.settings
        let producer = try Producer(settings.producer)
        let events = try producer.topic(settings.topic)
        let deadLetters = try producer.topic(settings.deadLetterTopic)
        let watch = TopicWatch(producer, topic: settings.topic) { state.note($0) }
        return Client(producer: producer, events: events, deadLetters: deadLetters, watch: watch)
    }

    var isWarm: Bool { state.isWarm }

    func admits(bytes: Int) -> Bool { admission.admits(bytes: bytes) }

    func end() {
        for client in retired + [current] {
            client.watch.stop()
            client.producer.flush(deadline: .milliseconds(context.settings.flushMilliseconds)) { self.take($0) }
            client.producer.close { self.take($0) }
        }
        retired = []
    }

    /// Produces an event. Nil when its report will answer the request, else the outcome at once.
    func publish(
        _ record: borrowing EventRecord,
        receivedAtMilliseconds: Int64,
        _ waiting: consuming Waiting
    ) -> DeliveryOutcome? {
        var headers = RecordHeaders(capacity: record.headerCount)
        for index in 0..<record.headerCount { headers.append(record.headerName(index), record.headerValue(index)) }
        waiting.take(eventID: record.eventID)
        return produce(to: current.events, record.key, record.value, headers, receivedAtMilliseconds, waiting)
    }

    /// Produces a delivery that was verified and not understood, with its exact bytes.
    func publish(_ record: DeadLetterRecord, receivedAtMilliseconds: Int64, _ waiting: Waiting) -> DeliveryOutcome? {
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
    ) -> DeliveryOutcome? {
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

    private func drain() {
        current.producer.drain { self.take($0) }
        for client in retired {
            client.producer.drain { self.take($0) }
        }
        if needsReplacement { replace() }
        if !retired.isEmpty { closeRetired() }
    }

    private func take(_ event: ProducerEvent) {
        switch event {
        case .delivered(let report): settle(report)
        case .fatal(let error):
            needsReplacement = true
            context.telemetry.lostProducer(error)
        case .error(let error): context.telemetry.noted(error)
        case .statistics(let json): show(statistics: json)
        case .log(let line): context.telemetry.noted(line)
        }
    }

    private func settle(_ report: DeliveryReport) {
        guard let waiting = inFlight.remove(report.opaque) else { return }
        admission.release(bytes: waiting.bytes)
        let waited = loop.nowNanoseconds &- waiting.requestAtNanoseconds
        context.telemetry.acknowledged(after: report.latencyMicroseconds)
        guard !waiting.isSettled else { return }
        let outcome = Self.outcome(of: report, wanted: waiting.outcome)
        context.telemetry.answered(outcome, typeIndex: waiting.typeIndex, after: waited)
        if outcome == .published {
            context.answers.published(waiting, on: loop)
        } else {
            context.answers.answer(outcome, waiting.exchange, on: loop)
        }
    }

    /// The document has some 20 kilobytes: it is parsed on another thread, so that no delivery waits for it.
    private func show(statistics json: [UInt8]) {
        DispatchQueue.global().async { [gauges, state] in
            guard let statistics = Statistics(json: json) else { return }
            gauges.show(statistics)
            if let idempotence = statistics.idempotence { state.note(hasProducerID: idempotence.isAssigned) }
        }
    }

    /// A record that may have reached the log without an acknowledgement in time has an outcome of its own.
    private static func outcome(of report: DeliveryReport, wanted: DeliveryOutcome) -> DeliveryOutcome {
        guard let error = report.error else { return wanted }
        if error.isTooLarge { return .tooLarge }
        return report.persistence == .possiblyPersisted ? .deadlineExceeded : .brokerUnavailable
    }

    /// After a fatal error an idempotent producer can no longer promise its order. A new one takes over; the old one
    /// reports its outstanding records as failed, so that every request gets its 503.
    private func replace() {
        do throws(KafkaError) {
            let next = try Self.connect(context, state)
            next.producer.wake(fileDescriptor: wakeup)
            current.watch.stop()
            current.producer.purge()
            retired.append(current)
            current = next
            needsReplacement = false
        } catch {
            context.telemetry.cannotReplaceProducer(error)
        }
    }

    /// Closes the retired producers that owe no report, on another thread: closing waits for librdkafka's threads.
    private func closeRetired() {
        let ended = retired.partition { $0.producer.unreportedCount == 0 }
        for client in retired[ended...] {
            DispatchQueue.global().async { client.producer.close() }
        }
        retired.removeSubrange(ended...)
    }

    /// The exchange has been answered, or its client has left; its record still counts until its report comes.
    func settle(_ exchange: Exchange) -> Waiting? { inFlight.settle(exchange) }
}

/// What one loop knows of Kafka, from the topic's metadata and librdkafka's statistics: for readiness and admission.
final class BrokerState: Sendable {
    private struct Facts {
        var topic: TopicWatch.State?
        /// The first count that was seen, over all producers of the loop.
        var partitions: Int?
        var hasProducerID: Bool?
    }

    private let topic: String
    private let condition: Health.Condition
    private let facts = Mutex(Facts())
    private let warm = Atomic<Bool>(false)

    init(topic: String, condition: Health.Condition) {
        self.topic = topic
        self.condition = condition
    }

    /// The topic's metadata has been known once: from then on records are produced and wait out short outages.
    var isWarm: Bool { warm.load(ordering: .acquiring) }

    func note(_ new: TopicWatch.State) {
        update { facts in
            switch new {
            case .unavailable: facts.topic = new
            case .ready(let partitions), .changed(_, let partitions):
                let first = facts.partitions ?? partitions
                facts.partitions = first
                facts.topic = partitions == first ? .ready(partitions: first) : .changed(from: first, to: partitions)
                warm.store(true, ordering: .releasing)
            }
        }
    }

    /// Statistics come late and seldom, so only a denial counts: without statistics a producer id is assumed.
    func note(hasProducerID: Bool) {
        update { $0.hasProducerID = hasProducerID }
    }

    private func update(_ change: (inout Facts) -> Void) {
        facts.withLock { facts in
            change(&facts)
            if let reason = reason(facts) {
                condition.hold(reason)
            } else {
                condition.meet()
            }
        }
    }

    /// Why the replica is not ready, for operators.
    private func reason(_ facts: Facts) -> String? {
        switch facts.topic {
        case nil: return Self.unknown
        case .unavailable(let error) where error.isUnknownTopic:
            return "topic \(topic) does not exist; create it with `notion-relay topics apply`"
        case .unavailable(let error): return "no metadata of \(topic): \(error.message)"
        case .changed(let first, let now):
            return "\(topic) had \(first) partitions at start and has \(now) now, so keys have moved; "
                + "restart the replicas once consumers are ready for it"
        case .ready: return facts.hasProducerID == false ? "no producer id yet" : nil
        }
    }

    static let unknown = "no metadata yet; are the brokers reachable?"
}
