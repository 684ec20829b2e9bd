import Kafka

/// A circuit breaker: whether calls have a chance at all, or what the handler depends on is in trouble. Then nothing is
/// handed out but one probe at a time, at growing pauses, and failures are no record's own. Time comes in.
struct BreakerStateMachine {
    struct Trouble {
        /// Milliseconds since 1970, for people.
        let since: Int64
        fileprivate let start: Duration
        fileprivate(set) var cause: String
        /// When the next call may begin, if none is running that began since.
        fileprivate(set) var probeAt: Duration
        fileprivate var pause = BreakerStateMachine.pauseMin
        /// The running probe, by its call's serial.
        fileprivate var probe: Int?
        /// The service has said for how long: calls that began before tell nothing new.
        fileprivate var wasAskedFor: Bool
        /// What a busy service asks for in passing is not worth a line in a log.
        fileprivate(set) var isTold: Bool
    }

    struct Failure {
        fileprivate struct Key: Hashable {
            let partition: TopicPartition
            let key: KeyBytes
        }

        fileprivate let key: Key
        let cause: String
        /// The service is in trouble, or asks for time: the record is not to blame.
        let holds: Bool
        let after: Duration?
        fileprivate let isProbe: Bool

        init(_ lane: Lane, _ cause: String, holds: Bool, after: Duration?) {
            key = Key(partition: lane.partition.id, key: lane.key)
            self.cause = cause
            self.holds = holds
            self.after = after
            isProbe = lane.isProbe
        }
    }

    private static let pauseMin = Duration.milliseconds(500)
    /// Limit: how long a service may be busy without a word in the log.
    private static let quietMax = Duration.seconds(30)

    private let keysMax: Int
    private let pauseMax: Duration
    /// Keys whose records have failed since the last success: a record that is redriven and fails again is no other.
    private var failing: Set<Failure.Key> = []
    private(set) var trouble: Trouble?
    /// Grows with each success.
    private(set) var successes = 0
    private var openings = 0
    /// Of holds that are over.
    private var closedTime = Duration.zero

    /// Opens when records of `keysMax` keys have failed with none done between; 0 is never.
    init(keysMax: Int, pauseMax: Duration) {
        self.keysMax = keysMax
        self.pauseMax = max(pauseMax, Self.pauseMin)
    }

    func counted(in counts: ConsumerCounts, at now: Duration) -> ConsumerCounts {
        var counts = counts
        counts.holds = openings
        counts.heldTime = closedTime + (trouble.map { now - $0.start } ?? .zero)
        return counts
    }

    func mayBegin(at now: Duration) -> Bool {
        // Read in place: a copy would count references, for each record.
        trouble == nil || (trouble?.probe == nil && trouble?.probeAt ?? now <= now)
    }

    mutating func begin(_ serial: Int) { trouble?.probe = serial }

    /// Whether that call was the probe. Each call ends here, before what came of it is noted.
    mutating func end(_ serial: Int) -> Bool {
        guard trouble?.probe == serial else { return false }
        trouble?.probe = nil
        return true
    }

    /// A record is done, or the service has refused it by name. Returns the trouble that is over.
    mutating func succeed(isProbe: Bool, at now: Duration) -> Trouble? {
        if !failing.isEmpty { failing = [] }
        successes += 1
        guard let trouble, isProbe || !trouble.wasAskedFor else { return nil }
        closedTime += now - trouble.start
        self.trouble = nil
        return trouble
    }

    /// True if that opens the breaker.
    mutating func fail(_ failure: Failure, at now: Moment) -> Bool {
        if trouble != nil {
            extend(failure, now)
            return false
        }
        if !failure.holds {
            guard keysMax > 0 else { return false }
            failing.insert(failure.key)
            guard failing.count >= keysMax else { return false }
        }
        openings += 1
        let after = failure.holds ? failure.after : nil
        trouble = Trouble(
            since: now.wall,
            start: now.steady,
            cause: failure.cause,
            probeAt: now.steady + (after ?? Self.pauseMin),
            wasAskedFor: after != nil,
            isTold: false
        )
        return true
    }

    /// Whether it is time to tell; true once.
    mutating func mayTell(at now: Duration) -> Bool {
        guard let trouble, !trouble.isTold, !trouble.wasAskedFor || now - trouble.start >= Self.quietMax else {
            return false
        }
        self.trouble?.isTold = true
        return true
    }

    private mutating func extend(_ failure: Failure, _ now: Moment) {
        guard var trouble else { return }
        trouble.cause = failure.cause
        if failure.holds, let after = failure.after {
            trouble.probeAt = max(trouble.probeAt, now.steady + after)
            trouble.wasAskedFor = true
        } else if failure.isProbe {
            trouble.pause = min(trouble.pause * 2, pauseMax)
            trouble.probeAt = now.steady + trouble.pause
            trouble.wasAskedFor = false
        }
        self.trouble = trouble
    }
}
