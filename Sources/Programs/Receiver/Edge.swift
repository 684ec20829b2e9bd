package import HTTPServer
package import Kafka
package import NotionEvents
package import NotionWebhooks
package import Operations
package import Subscriptions
import Synchronization
import Timestamps

/// The edge: receives Notion's deliveries and publishes them. `DeliveryHandler` decides about a delivery, `Publisher`
/// sends it to Kafka.
package final class Edge: Sendable {
    package let settings: ReceiverSettings
    package let activeTokens: ActiveTokens
    package let uses: TokenUses
    /// Tokens of handshakes that wait for a person, or for being written to the subscriptions topic.
    package let pending = PendingHandshakes()

    private let server: Server
    private let access: KafkaAccess
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
        activeTokens = ActiveTokens(
            configured: settings.tokens.map { Keyring.Configured($0) },
            awaitsTopic: settings.subscriptions != nil,
            now: now()
        )
        uses = TokenUses(metrics, log)
        serving = health.condition(.ready, "receiver", because: "starting")
        access = KafkaAccess(settings, AccessTelemetry(metrics, health, log))
        let context = ReceiverContext(
            settings: settings,
            activeTokens: activeTokens,
            uses: uses,
            pending: pending,
            answers: Answers(),
            telemetry: Telemetry(metrics, log, hasTopic: settings.subscriptions != nil),
            access: access,
            isReady: { health.isReady },
            now: now
        )
        link = try Self.link(settings, context, metrics: metrics, health: health, log: log)
        let numbers = Mutex(0)
        server = Server(
            address: settings.listen,
            loops: settings.loops,
            limits: settings.limits,
            tls: tls,
            trustedProxies: settings.trustedProxies,
            requiresProxyHeader: settings.requiresProxyHeader
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

    /// To the subscriptions topic, if there is one.
    private static func link(
        _ settings: ReceiverSettings,
        _ context: ReceiverContext,
        metrics: MetricRegistry,
        health: Health,
        log: Log
    ) throws(KafkaError) -> SubscriptionsLink? {
        guard let topic = settings.subscriptions else { return nil }
        return try SubscriptionsLink(
            topic,
            duties: SubscriptionDutiesStateMachine(
                expiryMilliseconds: settings.handshakeExpiryMilliseconds,
                delayMilliseconds: .random(in: 0..<SubscriptionDutiesStateMachine.spreadMilliseconds)
            ),
            activeTokens: context.activeTokens,
            pending: context.pending,
            uses: context.uses,
            telemetry: SubscriptionTelemetry(
                topic: topic.topic,
                hasConfiguredTokens: !settings.tokens.isEmpty,
                metrics: metrics,
                health: health,
                log: log
            ),
            now: context.now
        )
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

    /// Kafka is connected to in the background: until then, deliveries are answered 503.
    package func start() throws {
        try server.start()
        access.start()
        // Safety: it ends when `stop` closes the link, and nothing else looks at it.
        if let link { Task { await link.run() } }
        serving.meet()
    }

    package var port: Int { server.port }

    /// Its loops that stand still.
    package func stalls(longerThan bound: Duration) -> [LoopStall] { server.stalls(longerThan: bound) }

    /// Readiness ends first, so that a load balancer can switch while this still takes deliveries.
    package func prepareToStop() { serving.hold("stopping") }

    /// Stops accepting, answers what was accepted, flushes, closes the producers. Blocks. Returns whether every
    /// accepted request was answered.
    package func stop() -> Bool {
        prepareToStop()
        defer {
            access.stop()
            link?.close()
        }
        return server.drain(within: .milliseconds(settings.drainMilliseconds))
    }
}

/// The settings of the `receive` command, checked. Times are milliseconds.
package struct ReceiverSettings: Sendable {
    /// The public listener, `0.0.0.0:8080`.
    package var listen: ListenAddress
    package var path = "/notion/webhooks"
    /// Answers whether the edge is ready, and nothing else.
    package var healthPath = "/healthz"
    package var topic = Topics.events
    package var deadLetterTopic = Topics.deadLetter
    /// Whether the replica is ready only while dead letters can be written.
    package var deadLetterRequired = false
    package var key = KeyStrategy.entity
    package var contentMode = ContentMode.binary
    /// Tokens that are active by the settings: a delivery that one of them signed is Notion's.
    package var tokens: [VerificationToken]
    package var enrolment: Enrolment
    /// The topic that the edge shares with the other replicas and with operators; nil without a sealing key.
    package var subscriptions: SubscriptionsTopic?
    package var handshakeExpiryMilliseconds: Int64 = 3_600_000
    /// Whether deliveries without a signature pass, marked.
    package var acceptsUnsigned = false
    package var loops = 1
    package var bodyBytesMax = 1024 * 1024
    /// Limit: per loop, below the producer's own queue, so that librdkafka's queue is never the first to be full.
    package var inFlightRecordsMax = 10_000
    package var inFlightBytesMax = 64 * 1024 * 1024
    package var limits = Limits()
    /// Proxies that are trusted to name their clients.
    package var trustedProxies: [AddressRange] = []
    /// Each connection begins with a PROXY protocol header of theirs.
    package var requiresProxyHeader = false
    package var producer: ProducerSettings
    /// How long accepted requests are waited for when the edge stops.
    package var drainMilliseconds = 20_000
    /// How long a loop's end waits for queued records: everything accepted has been answered by then, so only what was
    /// given up early is left.
    package var flushMilliseconds = 2_000

    /// What all connections, bodies and deliveries that wait for Kafka may take together.
    package var buffersBytesMax: Int {
        limits.connectionsMax * limits.readBytesMax + limits.growthBytesMax + inFlightBytesMax * loops
    }

    package init(listen: ListenAddress, producer: ProducerSettings, tokens: [VerificationToken], enrolment: Enrolment) {
        self.listen = listen
        self.producer = producer
        self.tokens = tokens
        self.enrolment = enrolment
    }
}

struct ReceiverContext: Sendable {
    let settings: ReceiverSettings
    let activeTokens: ActiveTokens
    let uses: TokenUses
    let pending: PendingHandshakes
    let answers: Answers
    let telemetry: Telemetry
    let access: KafkaAccess
    let isReady: @Sendable () -> Bool
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
}
