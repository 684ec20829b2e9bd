package import HTTPServer
package import Operations
import Synchronization
import Timestamps

/// The edge: takes Notion's deliveries in, and answers each by what became of it. `DeliveryHandler` has the way of a
/// delivery, `Publisher` the way to Kafka and back.
package final class Edge: Sendable {
    package let settings: ReceiverSettings
    /// Tokens of handshakes that wait for a person.
    package let pending = PendingHandshakes()

    private let server: Server
    private let serving: Health.Condition

    /// Makes it without listening; `now` is milliseconds since 1970.
    package init(
        _ settings: ReceiverSettings,
        metrics: MetricRegistry,
        health: Health,
        log: Log,
        tls: TLSIdentity? = nil,
        now: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) {
        self.settings = settings
        serving = health.condition(.ready, "receiver", because: "starting")
        let context = ReceiverContext(
            settings: settings,
            pending: pending,
            answers: Answers(),
            telemetry: Telemetry(metrics, log),
            now: now
        )
        let numbers = Mutex(0)
        server = Server(
            address: settings.listen,
            loops: settings.loops,
            limits: settings.limits,
            tls: tls,
            trustedProxies: settings.trustedProxies
        ) { loop in
            let number = numbers.withLock { number in
                defer { number += 1 }
                return number
            }
            let name = settings.loops == 1 ? "kafka" : "kafka of loop \(number)"
            let condition = health.condition(.ready, name, because: BrokerState.unknown)
            let publisher = try Publisher(
                loop: loop,
                context: context,
                state: BrokerState(topic: settings.topic, condition: condition),
                gauges: ClientGauges(metrics, loop: number)
            )
            return DeliveryHandler(loop: loop, context: context, publisher: publisher)
        }
        show(in: metrics)
    }

    private func show(in metrics: MetricRegistry) {
        let pendingTokens = metrics.gauge(
            "notion_relay_handshakes_pending",
            "Verification tokens that wait for a person to read them."
        )
        let open = metrics.gauge("notion_relay_connections_open", "Connections that are open.")
        let accepted = metrics.counter("notion_relay_connections_accepted_total", "Connections that were accepted.")
        let handshakes = metrics.counters(
            "notion_relay_tls_handshakes_total",
            "TLS handshakes by what came of them.",
            labels: ["result"]
        )
        let resumed = metrics.counter(
            "notion_relay_tls_handshakes_resumed_total",
            "TLS handshakes that resumed an earlier session."
        )
        let pauses = metrics.counter(
            "notion_relay_accept_pauses_total",
            "Times that new clients had to wait: connections or open files were used up."
        )
        let bytesIn = metrics.counter("notion_relay_received_bytes_total", "Bytes read from clients.")
        let bytesOut = metrics.counter("notion_relay_sent_bytes_total", "Bytes written to clients.")
        metrics.beforeScrape { [pending, server] in
            let counts = server.counts
            pendingTokens.set(pending.held().count)
            open.set(counts.connectionsOpen)
            accepted.set(total: UInt64(counts.connectionsAccepted))
            handshakes.with("tls1.2").set(total: UInt64(counts.handshakesTLS12))
            handshakes.with("tls1.3").set(total: UInt64(counts.handshakesTLS13))
            handshakes.with("failed").set(total: UInt64(counts.handshakesFailed))
            resumed.set(total: UInt64(counts.handshakesResumed))
            pauses.set(total: UInt64(counts.acceptPauses))
            bytesIn.set(total: UInt64(counts.bytesIn))
            bytesOut.set(total: UInt64(counts.bytesOut))
        }
    }

    /// Listens. Kafka is looked for in the background: until it is found, deliveries are answered 503.
    package func start() throws {
        try server.start()
        serving.meet()
    }

    /// The port that is listened on.
    package var port: Int { server.port }

    /// Readiness goes first, so that a load balancer can look elsewhere while this still takes deliveries.
    package func prepareToStop() {
        serving.hold("stopping")
    }

    /// Stops accepting, answers what was accepted, flushes, closes the producers. Blocks its thread.
    ///
    /// - Returns: whether every accepted request was answered.
    package func stop() -> Bool {
        prepareToStop()
        return server.drain(within: .milliseconds(settings.drainMilliseconds))
    }
}
