import HTTPClient
package import NotionWebhooks

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

/// Cancelling the task ends the run early with the figures so far. `progress` gets a line about once a second.
package func deliver(
    _ options: DeliverOptions,
    progress: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> DeliverSummary {
    let ledger = try LedgerWriter(path: options.ledgerPath)
    let client = try Client(
        ClientSettings(connectionsMax: options.connections, authoritiesFile: options.authoritiesFile)
    )
    defer { client.close() }
    let run = DeliverRun(options, client, ledger)
    try await run.go(progress)
    try ledger.flush()
    return run.summary
}

private struct DeliverRun: Sendable {
    private let options: DeliverOptions
    private let ledger: LedgerWriter
    private let plan: DeliveryPlan
    private let notion: SimulatedNotion
    private let tally = DeliverTally()
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now

    init(_ options: DeliverOptions, _ client: Client, _ ledger: LedgerWriter) {
        self.options = options
        self.ledger = ledger
        plan = DeliveryPlan(
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
        notion = SimulatedNotion(url: options.url, token: options.token, client: client, timeout: options.timeout)
    }

    private var now: Duration { clock.now - start }

    var summary: DeliverSummary { tally.summary(count: plan.count, elapsed: now) }

    /// Throws when the ledger cannot be written: a run without a ledger proves nothing.
    func go(_ progress: @escaping @Sendable (String) -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for connection in 0..<plan.connections {
                group.addTask {
                    try await runConnection(connection)
                    return true
                }
            }
            group.addTask { try await report(progress) }
            group.addTask {
                try? await clock.sleep(until: start + options.deadline)
                return false
            }
            var connectionsLeft = plan.connections
            while connectionsLeft > 0, let isConnection = try await group.next() {
                if !isConnection { break }
                connectionsLeft -= 1
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func report(_ progress: @Sendable (String) -> Void) async throws -> Bool {
        var before = 0
        var second = 1
        while !Task.isCancelled {
            try? await clock.sleep(until: start + .seconds(second))
            if Task.isCancelled { break }
            let figures = summary
            progress(
                "\(second) s: \(figures.acknowledged) of \(plan.count) acknowledged, "
                    + "\(figures.requests - before) requests/s, \(figures.retries) retries, \(figures.gaveUp) given up"
            )
            before = figures.requests
            second += 1
            try ledger.flush()
        }
        return false
    }

    private func runConnection(_ connection: Int) async throws {
        var machine = ConnectionStateMachine(
            plan: plan,
            connection: connection,
            schedule: RetrySchedule(timeScale: options.timeScale),
            rate: options.rate
        )
        while !Task.isCancelled {
            switch machine.next(now: now) {
            case .finished: return
            case .wait(let until): try? await clock.sleep(until: start + until, tolerance: .zero)
            case .send(let request):
                let delivery = plan.factory.delivery(at: request.index)
                guard let status = await send(delivery, for: request, over: connection) else { return }
                let isAcknowledged = (200...299).contains(status)
                guard machine.settle(request, isAcknowledged: isAcknowledged, now: now) == .settled else { continue }
                let entry = LedgerEntry(
                    index: request.index,
                    kind: request.kind,
                    eventID: delivery.eventID,
                    entityID: delivery.entityID,
                    type: delivery.type,
                    connection: connection,
                    attempts: request.attempt,
                    status: status
                )
                tally.record(entry)
                try ledger.write(entry)
            }
        }
    }

    /// The answer's status; 0 when there was none, nil when the run was ended meanwhile.
    private func send(
        _ delivery: SimulatedDelivery,
        for request: ConnectionStateMachine.Request,
        over connection: Int
    ) async -> Int? {
        var status = 0
        var failure: String?
        do throws(ClientError) {
            let signed = delivery.body(attempt: request.attempt)
            let sent = request.kind == .tampered ? plan.tamperedBody(at: request.index) : signed
            status = try await notion.post(sent, signedAs: signed, connection: connection).status
        } catch {
            if error == .cancelled { return nil }
            failure = error.name
        }
        tally.record(request, status: status, failure: failure, latency: now - request.due)
        return status
    }
}

extension ClientError {
    fileprivate var name: String {
        switch self {
        case .couldNotConnect: "could_not_connect"
        case .connectionLost: "connection_lost"
        case .timedOut: "timed_out"
        case .tooLarge: "answer_too_large"
        case .notHTTP: "not_http"
        case .tls: "tls"
        case .cancelled: "cancelled"
        case .closed: "closed"
        case .busy: "busy"
        case .malformedRequest: "malformed_request"
        case .other(let code, _): "curl_\(code)"
        }
    }
}
