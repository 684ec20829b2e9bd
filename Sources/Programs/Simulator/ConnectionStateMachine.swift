/// What one connection does next; time is that since the run's start. An event that was not acknowledged waits for its
/// retry, and later events of its entity behind it. Notion would not wait; the simulator does, because then the
/// acknowledgements of an entity have an order that the topic must show, whatever was killed in between.
package struct ConnectionStateMachine {
    package struct Request: Sendable, Equatable {
        package let index: Int
        package let kind: LedgerEntry.Kind
        package let attempt: Int
        /// Latency counts from here: when it was sent or, if the connection was busy then, when it was due.
        package let due: Duration
    }

    package enum Step: Equatable {
        case send(Request)
        case wait(until: Duration)
        case finished
    }

    package enum Settlement: Equatable {
        case settled, retryLater
    }

    /// Limit: events that wait for a retry or behind one; then only retries are sent. Queues so short may be arrays.
    package static let waitingMax = 256
    /// How many requests a late duplicate waits.
    private static let duplicateDelay = 32

    private let plan: DeliveryPlan
    private let connection: Int
    private let schedule: RetrySchedule
    /// Between the first attempts of two consecutive indices over all connections; nil in a closed loop.
    private let interval: Duration?

    private var cursor = 0
    private var turn = 0
    private var freeSince: Duration = .zero
    /// One queue for each attempt: its waits are all equally long, so it is always sorted.
    private var retries = [[(index: Int, due: Duration)]](repeating: [], count: RetrySchedule.attemptsMax + 1)
    /// Entities with an unsettled event, and the events behind it.
    private var held: [Int: [Int]] = [:]
    private var released: [Int] = []
    private var duplicates: [(index: Int, attempt: Int, turn: Int)] = []
    private var urgentDuplicate: (index: Int, attempt: Int)?
    private var waiting = 0

    /// `rate`: first attempts a second over all connections (open loop); nil sends as fast as answers come.
    package init(plan: DeliveryPlan, connection: Int, schedule: RetrySchedule, rate: Double? = nil) {
        self.plan = plan
        self.connection = connection
        self.schedule = schedule
        interval = rate.map { .seconds(1 / $0) }
    }

    package mutating func next(now: Duration) -> Step {
        turn += 1
        if let duplicate = urgentDuplicate {
            urgentDuplicate = nil
            return .send(Request(index: duplicate.index, kind: .duplicate, attempt: duplicate.attempt, due: now))
        }
        let retry = earliestRetry()
        if let retry, retry.due <= now {
            waiting -= 1
            let event = retries[retry.attempt].removeFirst()
            return .send(Request(index: event.index, kind: .event, attempt: retry.attempt, due: now))
        }
        if !released.isEmpty {
            waiting -= 1
            return .send(Request(index: released.removeFirst(), kind: .event, attempt: 1, due: now))
        }
        if let duplicate = duplicates.first, duplicate.turn <= turn || cursor >= plan.count {
            duplicates.removeFirst()
            return .send(Request(index: duplicate.index, kind: .duplicate, attempt: duplicate.attempt, due: now))
        }
        if let step = nextFresh(now: now, retryDue: retry?.due) { return step }
        if let retry { return .wait(until: retry.due) }
        // The cursor is at its end: only duplicates are left, and they have no further requests to wait for.
        return duplicates.isEmpty ? .finished : next(now: now)
    }

    /// The next index of this connection, or the wait for it; nil if none can be sent now.
    private mutating func nextFresh(now: Duration, retryDue: Duration?) -> Step? {
        while waiting < Self.waitingMax, let index = advance() {
            let intended = interval.map { $0 * index }
            if let intended, intended > now { return .wait(until: min(intended, retryDue ?? intended)) }
            cursor += 1
            let kind: LedgerEntry.Kind = plan.fate(at: index) == .tampered ? .tampered : .event
            let entity = plan.factory.entityIndex(at: index)
            if kind == .event, held[entity] != nil {
                held[entity]?.append(index)
                waiting += 1
                continue
            }
            // A timer that fires late is the simulator's own delay; a connection that was busy is the receiver's.
            let due = intended.map { freeSince <= $0 ? now : $0 } ?? now
            return .send(Request(index: index, kind: kind, attempt: 1, due: due))
        }
        return nil
    }

    private mutating func advance() -> Int? {
        while cursor < plan.count {
            if plan.connection(ofEntity: plan.factory.entityIndex(at: cursor)) == connection { return cursor }
            cursor += 1
        }
        return nil
    }

    private func earliestRetry() -> (attempt: Int, due: Duration)? {
        guard waiting > 0 else { return nil }
        var earliest: (attempt: Int, due: Duration)?
        for (attempt, queue) in retries.enumerated() {
            guard let due = queue.first?.due, earliest.map({ due < $0.due }) ?? true else { continue }
            earliest = (attempt, due)
        }
        return earliest
    }

    package mutating func settle(_ request: Request, isAcknowledged: Bool, now: Duration) -> Settlement {
        freeSince = now
        guard request.kind == .event else { return .settled }
        let entity = plan.factory.entityIndex(at: request.index)
        if !isAcknowledged, let gap = schedule.gap(after: request.attempt) {
            if held[entity] == nil { held[entity] = [] }
            retries[request.attempt + 1].append((request.index, now + gap))
            waiting += 1
            return .retryLater
        }
        if isAcknowledged { scheduleDuplicate(of: request) }
        if let behind = held[entity] {
            if let next = behind.first {
                released.append(next)
                held[entity]?.removeFirst()
            } else {
                held[entity] = nil
            }
        }
        return .settled
    }

    private mutating func scheduleDuplicate(of request: Request) {
        switch plan.fate(at: request.index) {
        case .duplicatedAtOnce: urgentDuplicate = (request.index, request.attempt)
        case .duplicatedLater: duplicates.append((request.index, request.attempt, turn + Self.duplicateDelay))
        case .plain, .tampered: break
        }
    }
}
