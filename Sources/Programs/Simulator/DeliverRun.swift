import HTTPClient

/// One run of `simulate deliver`: a task for each connection, one that tells of progress, one that minds the deadline.
struct DeliverRun: Sendable {
    let plan: DeliveryPlan
    let notion: SimulatedNotion
    let schedule: RetrySchedule
    let rate: Double?
    let ledger: LedgerWriter
    private let tally = DeliverTally()
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now

    init(plan: DeliveryPlan, notion: SimulatedNotion, schedule: RetrySchedule, rate: Double?, ledger: LedgerWriter) {
        self.plan = plan
        self.notion = notion
        self.schedule = schedule
        self.rate = rate
        self.ledger = ledger
    }

    private var now: Duration { clock.now - start }

    var summary: DeliverSummary { tally.summary(count: plan.count, elapsed: now) }

    /// Returns when everything is settled, the deadline has passed or the task was cancelled. Throws when the ledger
    /// cannot be written: a run without a ledger proves nothing.
    func go(deadline: Duration, progress: @escaping @Sendable (String) -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for connection in 0..<plan.connections {
                group.addTask {
                    try await runLane(connection)
                    return true
                }
            }
            group.addTask { try await tell(progress) }
            group.addTask {
                try? await clock.sleep(until: start + deadline)
                return false
            }
            var lanesLeft = plan.connections
            while lanesLeft > 0, let isLane = try await group.next() {
                if !isLane { break }
                lanesLeft -= 1
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// About once a second, until cancelled.
    private func tell(_ progress: @Sendable (String) -> Void) async throws -> Bool {
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

    private func runLane(_ connection: Int) async throws {
        var agenda = LaneAgenda(plan: plan, connection: connection, schedule: schedule, rate: rate)
        while !Task.isCancelled {
            switch agenda.next(now: now) {
            case .finished: return
            case .wait(let until): try? await clock.sleep(until: start + until, tolerance: .zero)
            case .send(let errand):
                let delivery = plan.factory.delivery(at: errand.index)
                guard let status = await send(delivery, for: errand, over: connection) else { return }
                let isAcknowledged = (200...299).contains(status)
                guard agenda.settle(errand, isAcknowledged: isAcknowledged, now: now) == .settled else { continue }
                let entry = LedgerEntry(delivery, errand, status: status, connection: connection)
                tally.record(entry)
                try ledger.write(entry)
            }
        }
    }

    /// The answer's status, 0 when there was none, nil when the run was ended meanwhile.
    private func send(
        _ delivery: SimulatedDelivery,
        for errand: LaneAgenda.Errand,
        over connection: Int
    ) async -> Int? {
        var status = 0
        var failure: String?
        do throws(ClientError) {
            let body = delivery.body(attempt: errand.attempt)
            let response =
                errand.kind == .tampered
                ? try await notion.post(
                    tampered: plan.tamperedBody(at: errand.index),
                    signedAs: body,
                    connection: connection
                )
                : try await notion.post(body, connection: connection)
            status = response.status
        } catch {
            if error == .cancelled { return nil }
            failure = error.name
        }
        tally.record(errand, status: status, failure: failure, latency: now - errand.due)
        return status
    }
}

extension LedgerEntry {
    fileprivate init(_ delivery: SimulatedDelivery, _ errand: LaneAgenda.Errand, status: Int, connection: Int) {
        self.init(
            index: errand.index,
            kind: errand.kind,
            eventID: delivery.eventID,
            entityID: delivery.entityID,
            type: delivery.type,
            connection: connection,
            attempts: errand.attempt,
            status: status
        )
    }
}

extension ClientError {
    /// For a summary: the cause in one word.
    fileprivate var name: String {
        switch self {
        case .couldNotConnect: "could_not_connect"
        case .connectionLost: "connection_lost"
        case .timedOut: "timed_out"
        case .tooLarge: "answer_too_large"
        case .tls: "tls"
        case .cancelled: "cancelled"
        case .closed: "closed"
        case .busy: "busy"
        case .malformedRequest: "malformed_request"
        case .other(let code, _): "curl_\(code)"
        }
    }
}
