import Dispatch
import HTTPFraming
import HTTPServer
import Kafka
import NotionEvents
import NotionWebhooks
import Operations
import Receiver
import Subscriptions

struct EdgeService {
    let edge: Edge
    let operations: OperationsServer
    let metrics = MetricRegistry()
    let health: Health
    private let log: Log

    init(_ settings: ReceiverSettings, _ context: CommandContext) throws {
        let resolved = context.settings
        try self.init(settings, operations: resolved[\.edge.operations], resolved: resolved, log: context.log)
    }

    /// Reads certificates and tokens, so that a bad file is refused before anything is started.
    init(
        _ settings: ReceiverSettings,
        operations address: ListenAddress,
        resolved: ResolvedSettings? = nil,
        log: Log
    ) throws {
        self.log = log
        health = Health(log: log)
        let metrics = self.metrics
        CertificateWatch.register(in: metrics)
        func watch(_ rows: SettingsTable.TLS, _ port: String) throws -> CertificateWatch? {
            try resolved.flatMap { TLSFiles($0, rows) }.map {
                try CertificateWatch($0, port: port, metrics: metrics, log: log)
            }
        }
        let publicWatch = try watch(SettingsTable.shared.tls, "public")
        let operationsWatch = try watch(SettingsTable.shared.operationsTLS, "operations")
        ProcessMetrics.register(in: metrics, librdkafkaVersion: LibraryVersion.current.description)
        edge = try Edge(settings, metrics: metrics, health: health, log: log, tls: publicWatch?.identity)
        let tokenFiles = try resolved.flatMap { [edge] in
            try TokenFileWatch($0, activeTokens: edge.activeTokens, metrics: metrics, log: log)
        }
        Self.warn(of: settings.limits.connectionsMax, log)
        let loops = LoopWatch(log: log)
        loops.add("public", to: health) { [edge] in edge.stalls(longerThan: $0) }
        let routes = EnrolmentRoutes(pending: edge.pending)
        let tokens = TokenRoutes(activeTokens: edge.activeTokens, uses: edge.uses)
        operations = OperationsServer(
            address: address,
            health: health,
            metrics: metrics,
            routes: [
                Route("GET", "/enrolment") { _ in routes.list() },
                Route("POST", "/enrolment/reveal") { _ in routes.reveal() },
                Route("GET", "/tokens") { _ in tokens.list() },
            ],
            names: resolved.map { $0[\.edge.operationsNames] } ?? [],
            tls: operationsWatch?.identity,
            loops: loops,
            watching: [publicWatch?.look, operationsWatch?.look, tokenFiles?.look].compactMap(\.self)
        )
    }

    /// Raises the limit of open files where that is allowed.
    private static func warn(of connectionsMax: Int, _ log: Log) {
        let room = DescriptorLimit.makeRoom(forConnections: connectionsMax)
        guard room < connectionsMax else { return }
        log.warning(
            "open_files_limit",
            [
                "connections_max": connectionsMax, "room": room,
                "hint": "raise the limit of open files (ulimit -n, LimitNOFILE) or lower connections_max",
            ]
        )
    }

    /// The operations port comes first, so that a probe can see why the rest does not start.
    func start() throws {
        try operations.start()
        try edge.start()
    }

    /// Is not ready any more, and takes deliveries for as long as a balancer needs to notice.
    func linger(for delay: Duration) async {
        edge.prepareToStop()
        let end = DispatchTime.now() + .milliseconds(delay.wholeMilliseconds)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: end) { continuation.resume() }
        }
    }

    /// Returns whether all of it was done in time.
    func stop(within gracePeriod: Duration) async throws -> Bool {
        let deadlines = StopDeadlines(gracePeriod: gracePeriod)
        let plan = try StopPlan(
            within: gracePeriod,
            [
                StopStep("receiver", deadline: deadlines.drain + deadlines.flush) { _ in
                    await joining { edge.stop() }
                },
                StopStep("operations", deadline: deadlines.operations) { limit in
                    await joining { operations.drain(within: limit) }
                },
            ]
        )
        return await plan.run(log: log)
    }
}

/// Waits for threads to end, which blocks a thread, on one that is not of the pool of tasks.
func joining(_ threads: @escaping @Sendable () -> Bool) async -> Bool {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: threads()) }
    }
}

extension ReceiverSettings {
    init(_ settings: ResolvedSettings, client: ClientSettings) throws {
        let tokens = try settings.verificationTokens()
        let subscriptions = try SubscriptionsTopic(settings, client: client)
        let acceptsUnsigned = settings[\.edge.signature] == .optional
        let enrolment = settings.enrolment(hasTokens: !tokens.isEmpty, hasSealingKey: subscriptions != nil)
        guard enrolment == .open || !tokens.isEmpty || subscriptions != nil || acceptsUnsigned else {
            throw UsageError(
                "there is no verification token and --enrolment is closed, so nothing could ever be accepted; "
                    + "set NOTION_RELAY_VERIFICATION_TOKENS or NOTION_RELAY_SEALING_KEY, or open enrolment"
            )
        }
        self.init(
            listen: settings[\.edge.listen],
            producer: ProducerSettings(settings, client: client),
            tokens: tokens,
            enrolment: enrolment
        )
        self.subscriptions = subscriptions
        self.acceptsUnsigned = acceptsUnsigned
        if settings.has(\.edge.handshakeExpiry) {
            handshakeExpiryMilliseconds = Int64(settings[\.edge.handshakeExpiry].wholeMilliseconds)
        }
        path = settings[\.edge.path]
        healthPath = settings[\.edge.healthPath]
        topic = settings[\.topic]
        deadLetterTopic = settings[\.deadLetterTopic]
        deadLetterRequired = settings[\.edge.deadLetterRequired]
        key = settings[\.edge.key]
        contentMode = settings[\.edge.cloudEvents]
        loops = settings[\.edge.loops]
        bodyBytesMax = settings[\.limits.bodyBytesMax]
        // What the settings limit for the process, each loop gets its share of.
        inFlightRecordsMax = max(1, settings[\.limits.inFlightRecordsMax] / loops)
        inFlightBytesMax = max(1, settings[\.limits.inFlightBytesMax] / loops)
        limits = Limits(settings)
        trustedProxies = settings[\.limits.trustedProxies]
        requiresProxyHeader = settings[\.limits.proxyProtocol] == .required
        let deadlines = StopDeadlines(gracePeriod: settings[\.edge.gracePeriod])
        drainMilliseconds = deadlines.drain.wholeMilliseconds
        flushMilliseconds = deadlines.flush.wholeMilliseconds
    }
}

extension SubscriptionsTopic {
    /// The topic that a replica shares with others; nil without a sealing key, and for commands that have none.
    init?(_ settings: ResolvedSettings, client: ClientSettings) throws {
        guard settings.has(\.edge.sealingKeys) else { return nil }
        let keys = try settings.sealingKeys()
        guard !keys.isEmpty else { return nil }
        self.init(client, topic: settings[\.edge.subscriptionsTopic], keys: keys)
    }
}

extension ProducerSettings {
    fileprivate init(_ settings: ResolvedSettings, client: ClientSettings) {
        let bodyBytesMax = settings[\.limits.bodyBytesMax]
        self.init(
            client: client,
            lingerMilliseconds: settings[\.producer.linger].wholeMilliseconds,
            messageTimeoutMilliseconds: settings[\.producer.messageTimeout].wholeMilliseconds,
            // Admission refuses first: the client's own queue is never the one that is full.
            queueMessagesMax: settings[\.limits.inFlightRecordsMax] * 2,
            queueKibibytesMax: max(65_536, settings[\.limits.inFlightBytesMax] / 1024 * 4),
            compression: settings[\.producer.compression].rawValue,
            // Event v1 repeats some of the body and adds names; twice the body and the headers always hold it.
            messageBytesMax: bodyBytesMax * 2 + 65_536,
            statisticsIntervalMilliseconds: settings[\.producer.statisticsInterval].wholeMilliseconds
        )
    }
}

extension Limits {
    fileprivate init(_ settings: ResolvedSettings) {
        self.init()
        connectionsMax = settings[\.limits.connectionsMax]
        // Clients of proxies are known at the connection's beginning only by the PROXY protocol.
        let areClientsKnown =
            settings[\.limits.trustedProxies].isEmpty || settings[\.limits.proxyProtocol] == .required
        connectionsPerAddressMax =
            settings[\.limits.connectionsPerAddressMax] ?? (areClientsKnown ? max(1, connectionsMax / 4) : 0)
        growthBytesMax = settings[\.limits.growthBytesMax]
        requestsPerConnectionMax = settings[\.limits.requestsPerConnectionMax]
        handshakeDeadlineMilliseconds = settings[\.limits.headerDeadline].wholeMilliseconds
        headDeadlineMilliseconds = settings[\.limits.headerDeadline].wholeMilliseconds
        bodyDeadlineMilliseconds = settings[\.limits.bodyDeadline].wholeMilliseconds
        idleDeadlineMilliseconds = settings[\.limits.idleDeadline].wholeMilliseconds
        writeDeadlineMilliseconds = settings[\.limits.writeDeadline].wholeMilliseconds
        answerDeadlineMilliseconds = settings[\.limits.requestDeadline].wholeMilliseconds
    }
}

extension TLSFiles {
    /// Of one port; nil when it speaks plain HTTP.
    init?(_ settings: ResolvedSettings, _ rows: SettingsTable.TLS) {
        guard let certificate = settings[rows.certificate], let key = settings[rows.key] else { return nil }
        self.init(certificate: certificate, key: key, clientCA: settings[rows.clientCA])
    }
}
