import HTTPClient
package import NotionWebhooks

/// What `simulate deliver` is asked to do.
package struct DeliverOptions: Sendable {
    package var url: String
    package var token: VerificationToken
    /// Deliveries, tampered ones among them; retries and duplicates come on top.
    package var count = 1_000
    package var entities = 100
    package var seed: UInt64 = 1
    /// The first event's timestamp, in milliseconds since 1970.
    package var startingAtMilliseconds: Int64
    /// First attempts a second over all connections; nil sends as fast as answers come.
    package var rate: Double?
    package var connections = 16
    package var duplicateShare = 0.02
    package var tamperShare = 0.01
    /// Seconds of the simulator for one of Notion's 24 hours of retries.
    package var timeScale = 1.0 / 600
    /// For one attempt.
    package var timeout: Duration = .seconds(10)
    /// For the whole run; what is not settled by then counts as unfinished.
    package var deadline: Duration = .seconds(600)
    package var ledgerPath: String
    /// PEM file of the authorities that an https endpoint is verified against; nil takes the system's.
    package var authoritiesFile: String?

    package init(url: String, token: VerificationToken, startingAtMilliseconds: Int64, ledgerPath: String) {
        self.url = url
        self.token = token
        self.startingAtMilliseconds = startingAtMilliseconds
        self.ledgerPath = ledgerPath
    }
}

/// Plays Notion: sends the planned deliveries, retries what is not acknowledged, and writes down how each one ended.
/// Cancelling the task ends the run early with the figures so far.
/// `progress` gets a line about once a second. Throws when the ledger cannot be written.
package func deliver(
    _ options: DeliverOptions,
    progress: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> DeliverSummary {
    let ledger = try LedgerWriter(path: options.ledgerPath)
    let client = try Client(
        ClientSettings(connectionsMax: options.connections, authoritiesFile: options.authoritiesFile)
    )
    defer { client.close() }
    let plan = DeliveryPlan(
        factory: DeliveryFactory(
            seed: options.seed,
            entities: options.entities,
            startingAt: options.startingAtMilliseconds
        ),
        count: options.count,
        connections: options.connections,
        duplicateShare: options.duplicateShare,
        tamperShare: options.tamperShare
    )
    let notion = SimulatedNotion(url: options.url, token: options.token, client: client, timeout: options.timeout)
    let run = DeliverRun(
        plan: plan,
        notion: notion,
        schedule: RetrySchedule(timeScale: options.timeScale),
        rate: options.rate,
        ledger: ledger
    )
    try await run.go(deadline: options.deadline, progress: progress)
    try ledger.flush()
    return run.summary
}
