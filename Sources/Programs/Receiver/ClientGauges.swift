import Kafka
import Operations

/// One loop's figures that are kept elsewhere and shown on `/metrics`: its admission, and librdkafka's statistics.
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
        func gauge(_ name: String, _ help: String) -> Gauge {
            metrics.gauges(name, help, labels: ["loop"]).with(label)
        }
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
