import Dispatch
import HTTPServer
import Kafka
import NotionEvents
import NotionWebhooks
import Operations
import Synchronization

/// Sends records to Kafka and answers their requests when the reports come. One per loop, confined to its thread. A
/// producer with a fatal error is replaced, at once where a new one may help; the old one is drained until it owes no
/// report, and closed on another thread. While the brokers refuse this user there is none.
final class Publisher {
    /// A class, so that a delivery counts one reference and not those of all members.
    private final class Client: Sendable {
        let producer: Producer
        let events: Topic
        let deadLetters: Topic
        let watch: TopicWatch
        let batchBytesMax: Int

        init(
            _ producer: Producer,
            _ settings: ReceiverSettings,
            _ watch: TopicWatch,
            batchBytesMax: Int
        )
            throws(KafkaError)
        {
            self.producer = producer
            events = try producer.topic(settings.topic)
            deadLetters = try producer.topic(settings.deadLetterTopic)
            self.watch = watch
            self.batchBytesMax = batchBytesMax
        }
    }

    private unowned let loop: EventLoop
    private let context: ReceiverContext
    private let state: BrokerState
    private let gauges: ClientGauges
    private var current: Client?
    /// Producers that were replaced and still owe reports.
    private var retired: [Client] = []
    private var admission: Admission
    private var inFlight: InFlight
    private var needsReplacement = false
    private var wakeup: Int32 = -1
    /// The version of the plan that `current` was made for.
    private var followed = 0
    private var takesDeadLetters = true
    private var acknowledged: UInt64 = 0
    /// As it was at the last look, and at the last replacement after a fatal error.
    private var acknowledgedAtLook: UInt64 = 0
    private var acknowledgedAtLoss: UInt64?

    init(loop: EventLoop, context: ReceiverContext, state: BrokerState, gauges: ClientGauges) throws {
        self.loop = loop
        self.context = context
        self.state = state
        self.gauges = gauges
        let settings = context.settings
        current = try Self.connect(context, state, batchBytesMax: context.access.plan.batchBytesMax)
        admission = Admission(recordsMax: settings.inFlightRecordsMax, bytesMax: settings.inFlightBytesMax)
        inFlight = InFlight(capacity: min(settings.inFlightRecordsMax, 1024))
        wakeup = try loop.wakeup { [unowned self] in self.drain() }
        context.access.wake(wakeup)
        current?.producer.wake(fileDescriptor: wakeup)
        loop.every(milliseconds: 250) { [unowned self] in self.look() }
    }

    private static func connect(
        _ context: ReceiverContext,
        _ state: BrokerState,
        batchBytesMax: Int
    ) throws(KafkaError) -> Client {
        let settings = context.settings
        let producer = try Producer(settings.producer.with(batchBytesMax: batchBytesMax))
        let watch = TopicWatch(producer, topic: settings.topic) { [access = context.access] new in
            state.note(new)
            if case .unavailable(let error) = new, error.isTopicAuthorization { access.refused(error, .events) }
        }
        return try Client(producer, settings, watch, batchBytesMax: batchBytesMax)
    }

    /// Whether deliveries can be sent: Kafka was reached, takes this user's records, and the producer fits the topics.
    var isOpen: Bool { context.access.version == followed && current != nil && state.isWarm }

    func admits(bytes: Int) -> Bool { admission.admits(bytes: bytes) }

    private func look() {
        gauges.show(admission)
        if acknowledged != acknowledgedAtLook {
            acknowledgedAtLook = acknowledged
            context.access.acknowledged()
        }
        follow()
    }

    func end() {
        context.access.stopWaking(wakeup)
        for client in retired + [current].compactMap(\.self) {
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
        guard let current else { return .brokerUnavailable }
        return produce(by: current, record.key, record.value, headers, receivedAtMilliseconds, waiting)
    }

    /// Produces a delivery that was verified and not understood, with its exact bytes.
    func publish(_ record: DeadLetterRecord, receivedAtMilliseconds: Int64, _ waiting: Waiting) -> DeliveryOutcome? {
        var headers = RecordHeaders(capacity: record.headers.count)
        for header in record.headers { headers.append(Array(header.name.utf8).span, header.value.span) }
        guard let current, takesDeadLetters else { return .brokerUnavailable }
        guard let key = record.key else {
            return produce(by: current, nil, record.value.span, headers, receivedAtMilliseconds, waiting)
        }
        return produce(by: current, key.span, record.value.span, headers, receivedAtMilliseconds, waiting)
    }

    private func produce(
        by client: Client,
        _ key: Span<UInt8>?,
        _ value: Span<UInt8>,
        _ headers: consuming RecordHeaders,
        _ timestampMilliseconds: Int64,
        _ waiting: Waiting
    ) -> DeliveryOutcome? {
        guard admission.admits(bytes: waiting.bytes) else { return .overloaded }
        let topic = waiting.deadLetterReason == nil ? client.events : client.deadLetters
        let opaque = inFlight.insert(waiting)
        do throws(KafkaError) {
            try client.producer.produce(
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
            context.telemetry.notProduced(error, topic: topic.name)
            if error.isTooLarge { return .tooLarge }
            return error.isQueueFull ? .overloaded : .brokerUnavailable
        }
    }

    private func drain() {
        current?.producer.drain { self.take($0) }
        for client in retired {
            client.producer.drain { self.take($0) }
        }
        follow()
        if !retired.isEmpty { closeRetired() }
    }

    private func take(_ event: ProducerEvent) {
        switch event {
        case .delivered(let report): settle(report)
        case .fatal(let error): lost(error)
        case .error(let error): context.telemetry.noted(error)
        case .statistics(let json): show(statistics: json)
        case .log(let line): context.telemetry.noted(line)
        }
    }

    /// The first time a new producer takes over at once. When that one is lost before it has written anything, or the
    /// brokers refuse the user, another would be lost as well.
    private func lost(_ error: KafkaError) {
        let isRepeated = acknowledgedAtLoss == acknowledged
        acknowledgedAtLoss = acknowledged
        context.telemetry.lostProducer(error)
        needsReplacement = true
        if error.isAccessRefused || isRepeated { context.access.refused(error, .events) }
    }

    private func settle(_ report: DeliveryReport) {
        guard let waiting = inFlight.remove(report.opaque) else { return }
        admission.release(bytes: waiting.bytes)
        let waited = loop.nowNanoseconds &- waiting.requestAtNanoseconds
        context.telemetry.acknowledged(after: report.latencyMicroseconds)
        let outcome: DeliveryOutcome
        if let error = report.error {
            outcome = failed(error, report, waiting)
        } else {
            outcome = waiting.outcome
            acknowledged &+= 1
            if let reason = waiting.deadLetterReason { context.telemetry.deadLettered(reason, report) }
        }
        guard !waiting.isSettled else { return }
        context.telemetry.answered(outcome, typeIndex: waiting.typeIndex, after: waited)
        if outcome.status == 200 {
            context.answers.acknowledged(waiting, report, on: loop)
        } else {
            context.answers.answer(outcome, waiting.exchange, on: loop)
        }
    }

    /// What a record that Kafka did not take is answered with. One that may have reached the log without an
    /// acknowledgement in time has an outcome of its own.
    private func failed(_ error: KafkaError, _ report: DeliveryReport, _ waiting: Waiting) -> DeliveryOutcome {
        let role: KafkaAccess.TopicRole = waiting.deadLetterReason == nil ? .events : .deadLetters
        let outcome = Self.outcome(of: error, report, inBatchesOf: current?.batchBytesMax)
        context.telemetry.notTaken(error, report, role, context.settings, outcome)
        if error.isAccessRefused { context.access.refused(error, role) }
        if error.isTooLarge, outcome != .tooLarge, let current {
            context.access.refused(batchesOf: current.batchBytesMax)
        }
        return outcome
    }

    /// A batch that is too large is refused as a whole, so that this is believed of a record with a batch of its own
    /// only.
    private static func outcome(
        of error: KafkaError,
        _ report: DeliveryReport,
        inBatchesOf bytes: Int?
    ) -> DeliveryOutcome {
        if error.isTooLarge {
            let isAlone = BatchLimit.isAlone(recordBytes: report.recordBytes, inBatchesOf: bytes ?? .max)
            return isAlone ? .tooLarge : .brokerUnavailable
        }
        return report.persistence == .possiblyPersisted ? .deadlineExceeded : .brokerUnavailable
    }

    /// The document has some 20 kilobytes: it is parsed on another thread, so that no delivery waits for it.
    private func show(statistics json: [UInt8]) {
        DispatchQueue.global().async { [gauges, state] in
            guard let statistics = Statistics(json: json) else { return }
            gauges.show(statistics)
            if let idempotence = statistics.idempotence { state.note(hasProducerID: idempotence.isAssigned) }
        }
    }

    /// Does what the plan says: no producer while the brokers refuse this user, else one with its limit of a batch.
    ///
    /// After a fatal error an idempotent producer can no longer promise its order. The old one reports its outstanding
    /// records as failed, so that every request gets its 503; one that is only replaced sends what it has.
    private func follow() {
        let version = context.access.version
        guard version != followed || needsReplacement else { return }
        let plan = context.access.plan
        takesDeadLetters = plan.takesDeadLetters
        let isSuspended = plan.isSuspended
        if let client = current, needsReplacement || isSuspended || client.batchBytesMax != plan.batchBytesMax {
            client.watch.stop()
            if needsReplacement || isSuspended { client.producer.purge() }
            retired.append(client)
            current = nil
        }
        do throws(KafkaError) {
            if current == nil, !isSuspended {
                current = try Self.connect(context, state, batchBytesMax: plan.batchBytesMax)
                current?.producer.wake(fileDescriptor: wakeup)
            }
            needsReplacement = false
            followed = plan.isOpen ? version : 0
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
