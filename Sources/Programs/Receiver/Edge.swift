package import HTTPServer
package import Operations
import Subscriptions
import Synchronization
import Timestamps

/// The edge: takes Notion's deliveries in, and answers each by what became of it. `DeliveryHandler` has the way of a
/// delivery, `Publisher` the way to Kafka and back.
package final class Edge: Sendable {
    package let settings: ReceiverSettings
    /// The tokens that verify deliveries now.
    package let board: KeyBoard
    package let uses: TokenUses
    /// Tokens of handshakes that wait for a person, or for being written to the subscriptions topic.
    package let pending = PendingHandshakes()

    private let server: Server
    private let serving: Health.Condition
    private let link: SubscriptionsLink?

    /// Makes it without listening; `now` is milliseconds since 1970. Throws what is wrong with the Kafka settings.
    package init(
        _ settings: ReceiverSettings,
        metrics: MetricRegistry,
        health: Health,
        log: Log,
        tls: TLSIdentity? = nil,
        now: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) throws {
        self.settings = settings
        board = KeyBoard(
            configured: settings.tokens.map { Keyring.Configured($0) },
            awaitsTopic: settings.subscriptions != nil,
            now: now()
        )
        uses = TokenUses(metrics, log)
        serving = health.condition(.ready, "receiver", because: "starting")
        let context = ReceiverContext(
            settings: settings,
            board: board,
            uses: uses,
            pending: pending,
            answers: Answers(),
            telemetry: Telemetry(metrics, log, hasTopic: settings.subscriptions != nil),
            now: now
        )
        link = try settings.subscriptions.map { [board, pending, uses] in
            try SubscriptionsLink(
                $0,
                duties: SubscriptionDuties(
                    expiryMilliseconds: settings.handshakeExpiryMilliseconds,
                    delayMilliseconds: .random(in: 0..<SubscriptionDuties.spreadMilliseconds)
                ),
                board: board,
                pending: pending,
                uses: uses,
                telemetry: SubscriptionTelemetry(
                    topic: $0.topic,
                    hasConfiguredTokens: !settings.tokens.isEmpty,
                    metrics: metrics,
                    health: health,
                    log: log
                ),
                now: now
            )
        }
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
            "Verification tokens that wait in memory: to be read from the operations port, or to be written."
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
        // Safety: it ends when `stop` closes the link, and nothing else looks at it.
        if let link { Task { await link.run() } }
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
        defer { link?.close() }
        return server.drain(within: .milliseconds(settings.drainMilliseconds))
    }
}
