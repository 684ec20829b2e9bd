import HTTPFraming
import HTTPServer
import Kafka
import NotionWebhooks
import Operations

/// Metrics and log lines of the receiver, for all loops; counting on the hot path is a few relaxed additions.
final class Telemetry: Sendable {
    private let log: Log
    private let deliveries: MetricFamily<Counter>
    /// By the type's index; the last one is for types that we do not know.
    private let published: [Counter]
    private let requestDuration: Histogram
    private let ackDuration: Histogram
    private let refusals: MetricFamily<Counter>
    private let signatures: MetricFamily<Counter>
    private let deadLetters: MetricFamily<Counter>
    private let refusedRecords: MetricFamily<Counter>
    private let clientsLeft: Counter
    private let producersLost: Counter
    private let handshakes: MetricFamily<Counter>
    private let unsigned: Counter
    private let hasTopic: Bool

    /// The label of deliveries whose type was not looked at.
    private static let noType = "none"
    private static let typeLabels = DeliveryType.known + ["other"]

    /// With a subscriptions topic people find tokens elsewhere.
    init(_ metrics: MetricRegistry, _ log: Log, hasTopic: Bool) {
        self.log = log
        self.hasTopic = hasTopic
        let deliveries = metrics.counters(
            "notion_relay_deliveries_total",
            "Deliveries by how they ended and what they told of.",
            labels: ["outcome", "type"]
        )
        self.deliveries = deliveries
        published = Self.typeLabels.map { deliveries.with(DeliveryOutcome.published.rawValue, $0) }
        for outcome in DeliveryOutcome.allCases where outcome != .published {
            _ = deliveries.with(outcome.rawValue, Self.noType)
        }
        requestDuration = metrics.histogram(
            "notion_relay_request_duration_seconds",
            "From a delivery's last byte to its answer, for deliveries that went to Kafka."
        )
        ackDuration = metrics.histogram(
            "notion_relay_ack_duration_seconds",
            "From handing a record to the Kafka client to its delivery report."
        )
        refusals = metrics.counters(
            "notion_relay_refused_requests_total",
            "Requests that the HTTP server turned down, by reason.",
            labels: ["reason"]
        )
        signatures = metrics.counters(
            "notion_relay_signature_errors_total",
            "Deliveries that were not verified, by reason.",
            labels: ["reason"]
        )
        deadLetters = metrics.counters(
            "notion_relay_dead_letters_total",
            "Dead letters in their topic, by reason: verified deliveries that could not be understood.",
            labels: ["reason"]
        )
        refusedRecords = metrics.counters(
            "notion_relay_records_refused_total",
            "Records that Kafka did not take, by topic (events or dead_letters) and Kafka's name of the error.",
            labels: ["topic", "error"]
        )
        clientsLeft = metrics.counter(
            "notion_relay_clients_left_total",
            "Clients that left before their answer; their records are kept."
        )
        producersLost = metrics.counter(
            "notion_relay_producers_lost_total",
            "Kafka producers replaced after a fatal error."
        )
        handshakes = metrics.counters(
            "notion_relay_handshakes_total",
            "Handshakes by what became of them: kept for a person, of an active token, one too many, or refused.",
            labels: ["result"]
        )
        for result in HandshakeResult.allCases { _ = handshakes.with(result.rawValue) }
        unsigned = metrics.counter(
            "notion_relay_unsigned_deliveries_total",
            "Deliveries without a signature that passed, because signatures are optional."
        )
    }

    /// A delivery that Kafka was asked to take has its answer.
    func answered(_ outcome: DeliveryOutcome, typeIndex: Int, after nanoseconds: UInt64) {
        requestDuration.observe(nanoseconds: nanoseconds)
        if outcome == .published {
            published[typeIndex].increment()
        } else {
            let type = outcome == .deadLettered ? Self.noType : Self.typeLabels[min(typeIndex, 31)]
            deliveries.with(outcome.rawValue, type).increment()
        }
    }

    /// A delivery was answered before Kafka has said anything of its record.
    func expired(typeIndex: Int, after nanoseconds: UInt64) {
        answered(.deadlineExceeded, typeIndex: typeIndex, after: nanoseconds)
        refusalLine(.deadlineExceeded)
    }

    func refused(_ outcome: DeliveryOutcome) {
        deliveries.with(outcome.rawValue, Self.noType).increment()
        refusalLine(outcome)
    }

    /// For what its head says: a stranger's path and method are told, as far as they may be in a line.
    func refused(
        _ outcome: DeliveryOutcome,
        _ head: borrowing RequestHead,
        from peer: ClientAddress,
        trusting proxies: [AddressRange]
    ) {
        deliveries.with(outcome.rawValue, Self.noType).increment()
        guard let admission = log.admit(.warning, "delivery_refused", by: outcome.rawValue) else { return }
        log.write(
            admission,
            [
                "outcome": outcome.rawValue, "method": Self.shown(head.method), "path": Self.shown(head.path),
                "client": peer.client(in: head, trusting: proxies).description, "hint": outcome.explanation,
            ]
        )
    }

    // Limit: a path may be as long as a request line; this much tells which one it was.
    private static let shownBytesMax = 128

    private static func shown(_ bytes: Span<UInt8>) -> String {
        let text = bytes.extracting(first: shownBytesMax).text
        return bytes.count > shownBytesMax ? text + "…" : text
    }

    /// The subject is that of the client's verified certificate, if one was asked for.
    func refused(_ outcome: DeliveryOutcome, _ error: SignatureError, client: ClientAddress, subject: String?) {
        deliveries.with(outcome.rawValue, Self.noType).increment()
        signatures.with("\(error)").increment()
        log.limited(
            .warning,
            "delivery_refused",
            by: "\(outcome.rawValue) \(error)",
            [
                "outcome": outcome.rawValue, "reason": "\(error)", "client": client.description,
                "client_subject": subject, "hint": outcome.explanation,
            ]
        )
    }

    func refused(_ outcome: DeliveryOutcome, _ refusal: Refusal, client: ClientAddress, because reason: String?) {
        deliveries.with(outcome.rawValue, Self.noType).increment()
        refusals.with(refusal.rawValue).increment()
        log.limited(
            .warning,
            "request_refused",
            by: refusal.rawValue,
            [
                "outcome": outcome.rawValue, "reason": refusal.rawValue, "client": client.description,
                "because": reason, "hint": refusal.hint,
            ]
        )
    }

    func acceptPaused(_ reason: AcceptPause) {
        let hint =
            switch reason {
            case .connectionsMax: "all connections are busy: raise connections_max, or add replicas"
            case .openFiles: "no more files can be opened: raise the limit of open files (ulimit -n, LimitNOFILE)"
            }
        log.limited(
            .warning,
            "accept_paused",
            by: reason.rawValue,
            perSecond: 1,
            ["reason": reason.rawValue, "hint": hint]
        )
    }

    private func refusalLine(_ outcome: DeliveryOutcome) {
        log.limited(
            .warning,
            "delivery_refused",
            by: outcome.rawValue,
            ["outcome": outcome.rawValue, "hint": outcome.explanation]
        )
    }

    /// Kafka has acknowledged a dead letter.
    func deadLettered(_ reason: DeliveryError, _ report: DeliveryReport) {
        deadLetters.with(reason.rawValue).increment()
        log.limited(
            .warning,
            "delivery_dead_lettered",
            by: reason.rawValue,
            [
                "reason": reason.rawValue, "partition": report.partition, "offset": report.offset,
                "hint": "its exact bytes are in the dead-letter topic",
            ]
        )
    }

    /// Kafka has not taken a record. What is refused for good is told by `AccessTelemetry`, and only counted here.
    func notTaken(
        _ error: KafkaError,
        _ report: DeliveryReport,
        _ role: KafkaAccess.TopicRole,
        _ settings: ReceiverSettings,
        _ outcome: DeliveryOutcome
    ) {
        refusedRecords.with(role.rawValue, error.label).increment()
        guard !error.isAccessRefused, !error.isPurged else { return }
        log.limited(
            .warning,
            "record_refused",
            by: "\(role.rawValue) \(error.label)",
            [
                "outcome": outcome.rawValue, "error": error.description,
                "topic": role == .events ? settings.topic : settings.deadLetterTopic, "partition": report.partition,
                "hint": outcome.explanation,
            ]
        )
    }

    func enrolled(_ token: VerificationToken, _ result: HandshakeResult, client: String) {
        deliveries.with(DeliveryOutcome.handshake.rawValue, Self.noType).increment()
        handshake(token, result, client: client)
    }

    func handshake(_ token: VerificationToken, _ result: HandshakeResult, client: String) {
        handshakes.with(result.rawValue).increment()
        log.limited(
            result == .closed || result == .limited ? .warning : .info,
            "handshake_received",
            by: result.rawValue,
            perSecond: result == .limited ? 1 : 5,
            ["fingerprint": token.fingerprint, "result": result.rawValue, "client": client, "hint": hint(for: result)]
        )
    }

    private func hint(for result: HandshakeResult) -> String {
        switch result {
        case .active: "this token is active already"
        case .limited: "too many handshakes: this one is forgotten; if it was yours, press Resend token a little later"
        case .closed:
            "enrolment is closed, so its token is not kept: start with --enrolment open, press Resend token in Notion"
        case .held where hasTopic:
            "see notion-relay subscription pending --reveal, then subscription activate with this fingerprint"
        case .held:
            "read it once with POST /enrolment/reveal on the operations port, paste it in Notion, then make it active"
        }
    }

    /// A body was refused before all tokens were tried.
    func verificationLimited(client: String) {
        let outcome = DeliveryOutcome.verificationLimited
        deliveries.with(outcome.rawValue, Self.noType).increment()
        log.limited(
            .warning,
            "delivery_refused",
            by: outcome.rawValue,
            ["outcome": outcome.rawValue, "client": client, "hint": outcome.explanation]
        )
    }

    func passedUnsigned() { unsigned.increment() }

    func abandoned() { clientsLeft.increment() }

    func acknowledged(after microseconds: Int64) {
        ackDuration.observe(nanoseconds: UInt64(max(0, microseconds)) &* 1_000)
    }

    func notProduced(_ error: KafkaError, topic: String) {
        log.limited(.warning, "record_not_produced", ["error": error.description, "topic": topic])
    }

    func lostProducer(_ error: KafkaError) {
        producersLost.increment()
        // What the brokers refuse for good has a line of its own.
        guard !error.isAccessRefused else { return }
        log.limited(
            .error,
            "kafka_producer_lost",
            ["error": error.description, "hint": "a new producer takes over; 503 until then"]
        )
    }

    func cannotReplaceProducer(_ error: KafkaError) {
        log.limited(.error, "kafka_producer_not_replaced", ["error": error.description])
    }

    func noted(_ error: KafkaError) {
        log.limited(.warning, "kafka_error", by: error.label, ["error": error.description])
    }

    /// librdkafka's own lines; its severities are syslog's, 4 is a warning.
    func noted(_ line: LogLine) {
        let level: LogLevel = line.severity <= 3 ? .error : line.severity == 4 ? .warning : .debug
        log.limited(level, "kafka_client", by: line.facility, ["facility": line.facility, "text": line.text])
    }
}

/// One loop's admission and librdkafka statistics on `/metrics`.
struct ClientGauges: Sendable {
    private let loop: String
    private let inFlightRecords: Gauge
    private let inFlightBytes: Gauge
    private let queueMessages: Gauge
    private let queueBytes: Gauge
    private let brokersUp: Gauge
    private let messagesSent: Counter
    private let requestTimeouts: Counter
    private let sendErrors: Counter
    private let roundTrip: MetricFamily<Gauge>
    private let internalLatency: MetricFamily<Gauge>

    init(_ metrics: MetricRegistry, loop: Int) {
        let label = String(loop)
        func gauge(_ name: String, _ help: String) -> Gauge { metrics.gauges(name, help, labels: ["loop"]).with(label) }
        func counter(_ name: String, _ help: String) -> Counter {
            metrics.counters(name, help, labels: ["loop"]).with(label)
        }
        self.loop = label
        inFlightRecords = gauge("notion_relay_in_flight_records", "Deliveries that wait for their delivery report.")
        inFlightBytes = gauge(
            "notion_relay_in_flight_bytes",
            "Bytes of deliveries that wait for their delivery report."
        )
        queueMessages = gauge("notion_relay_kafka_queue_messages", "Records in the Kafka client's queues.")
        queueBytes = gauge("notion_relay_kafka_queue_bytes", "Bytes in the Kafka client's queues.")
        brokersUp = gauge("notion_relay_kafka_brokers_up", "Brokers that the Kafka client is connected to.")
        messagesSent = counter("notion_relay_kafka_sent_messages_total", "Records sent to brokers, retries included.")
        requestTimeouts = counter("notion_relay_kafka_request_timeouts_total", "Requests to brokers that timed out.")
        sendErrors = counter("notion_relay_kafka_send_errors_total", "Requests to brokers that could not be sent.")
        roundTrip = metrics.gauges(
            "notion_relay_kafka_round_trip_seconds",
            "Time from a request to a broker to its answer.",
            labels: ["loop", "broker", "quantile"]
        )
        internalLatency = metrics.gauges(
            "notion_relay_kafka_internal_latency_seconds",
            "Time that records wait in the Kafka client (linger and CPU).",
            labels: ["loop", "broker", "quantile"]
        )
    }

    func show(_ admission: Admission) {
        inFlightRecords.set(admission.records)
        inFlightBytes.set(admission.bytes)
    }

    func show(_ statistics: Statistics) {
        queueMessages.set(statistics.messagesQueued)
        queueBytes.set(statistics.bytesQueued)
        brokersUp.set(statistics.brokers.count { $0.isUp && $0.id >= 0 })
        messagesSent.set(total: UInt64(max(0, statistics.messagesSent)))
        requestTimeouts.set(total: sum(statistics, \.requestTimeouts))
        sendErrors.set(total: sum(statistics, \.sendErrors))
        for broker in statistics.brokers where broker.id >= 0 {
            show(broker.roundTrip, in: roundTrip, broker)
            show(broker.internalLatency, in: internalLatency, broker)
        }
    }

    private func sum(_ statistics: Statistics, _ figure: KeyPath<Statistics.Broker, Int>) -> UInt64 {
        UInt64(statistics.brokers.reduce(0) { $0 + max(0, $1[keyPath: figure]) })
    }

    private func show(_ window: Statistics.Window, in family: MetricFamily<Gauge>, _ broker: Statistics.Broker) {
        let id = String(broker.id)
        family.with(loop, id, "0.5").set(Double(window.p50) / 1e6)
        family.with(loop, id, "0.99").set(Double(window.p99) / 1e6)
    }
}
