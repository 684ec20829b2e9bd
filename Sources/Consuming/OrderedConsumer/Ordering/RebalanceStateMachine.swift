import Kafka

/// The steps of a rebalance, one after the other. Partitions are assigned: their starts and parked keys are found, then
/// reading begins. Partitions are revoked: no new call begins, running calls may end until a deadline and are cancelled
/// at it, what is done is committed, and only then the partitions are released.
struct RebalanceStateMachine {
    enum Action: Equatable {
        /// Find their starts, then call ``RebalanceStateMachine/prepared(at:)``.
        case prepare([TopicPartition])
        case drain([TopicPartition])
        case cancel([TopicPartition])
        /// Commit what is done, then call ``RebalanceStateMachine/committed(at:)``.
        case commit([TopicPartition])
        case release([TopicPartition], isLost: Bool)
    }

    enum Event: Equatable {
        case assigned([TopicPartition])
        case revoked([TopicPartition], isLost: Bool)
    }

    struct Deadlines {
        var drain = Duration.seconds(30)
        var cancel = Duration.seconds(2)
        var commit = Duration.seconds(5)
    }

    private enum State: Equatable {
        case steady, preparing
        case draining([TopicPartition], until: Duration)
        case cancelling([TopicPartition], until: Duration, isLost: Bool)
        case committing([TopicPartition], until: Duration)
    }

    let deadlines: Deadlines
    private var state = State.steady
    /// Events that came before the last one was dealt with.
    private var waiting = Fifo<Event>()

    init(_ deadlines: Deadlines) { self.deadlines = deadlines }

    var isSteady: Bool { state == .steady }

    var hasWaiting: Bool { !waiting.isEmpty }

    var due: Duration? {
        switch state {
        case .steady, .preparing: nil
        case .draining(_, let until), .cancelling(_, let until, _), .committing(_, let until): until
        }
    }

    /// The partitions that are draining or being cancelled: ``advance(at:busy:)`` wants their busy calls.
    var leaving: [TopicPartition] {
        switch state {
        case .draining(let partitions, _), .cancelling(let partitions, _, _): partitions
        default: []
        }
    }

    mutating func take(_ event: Event, at now: Duration) -> [Action] {
        guard state == .steady else {
            waiting.append(event)
            return []
        }
        switch event {
        case .assigned(let partitions):
            state = .preparing
            return [.prepare(partitions)]
        case .revoked(let partitions, true):
            // Others may have them already: there is no time to wait, and a commit would be refused.
            state = .cancelling(partitions, until: now + deadlines.cancel, isLost: true)
            return [.drain(partitions), .cancel(partitions)]
        case .revoked(let partitions, false):
            state = .draining(partitions, until: now + deadlines.drain)
            return [.drain(partitions)]
        }
    }

    mutating func prepared(at now: Duration) -> [Action] {
        guard state == .preparing else { return [] }
        return settle(at: now)
    }

    /// Time has passed, or a call has ended; `busy` calls of the leaving partitions are left.
    mutating func advance(at now: Duration, busy: Int) -> [Action] {
        switch state {
        case .draining(let partitions, let until):
            if busy == 0 { return commit(partitions, at: now) }
            guard until <= now else { return [] }
            state = .cancelling(partitions, until: now + deadlines.cancel, isLost: false)
            return [.cancel(partitions)]
        case .cancelling(let partitions, let until, let isLost):
            guard busy == 0 || until <= now else { return [] }
            if isLost { return [.release(partitions, isLost: true)] + settle(at: now) }
            return commit(partitions, at: now)
        case .committing(let partitions, let until):
            guard until <= now else { return [] }
            return [.release(partitions, isLost: false)] + settle(at: now)
        case .steady, .preparing: return []
        }
    }

    /// The last commit was answered, or there was nothing to commit.
    mutating func committed(at now: Duration) -> [Action] {
        guard case .committing(let partitions, _) = state else { return [] }
        return [.release(partitions, isLost: false)] + settle(at: now)
    }

    private mutating func commit(_ partitions: [TopicPartition], at now: Duration) -> [Action] {
        state = .committing(partitions, until: now + deadlines.commit)
        return [.commit(partitions)]
    }

    private mutating func settle(at now: Duration) -> [Action] {
        state = .steady
        guard let next = waiting.removeFirst() else { return [] }
        return take(next, at: now)
    }
}
