package import HTTPClient

/// Grows by one a round of answers while it is used up (by one an answer until the first trouble), halves when the
/// service is overloaded, and gives up a fifth when answers take much longer than usual. The usual time is learnt while
/// few requests are under way, when it is the service's own. One decrease counts for all that were then under way.
package struct AdaptiveLimit: Sendable {
    /// The initial limit, and the lowest that slowness alone leads to.
    package static let start = 4
    /// Limit: answers compared at a time; with fewer a single slow one would decide.
    static let roundMin = 16
    /// An answer is slow at this many times the usual.
    static let slowFactor = 3
    /// Smaller differences are noise.
    static let slowMin = Duration.milliseconds(10)

    package let ceiling: Int
    /// 1 to `ceiling`.
    package private(set) var limit: Int

    private var isFirstClimb = true
    private var credit = 0
    private var decreasedAt: ContinuousClock.Instant?
    private var round: [Duration] = []
    private var roundCount = Self.roundMin
    private var usual: Duration?
    /// The last round was slow: growing now would undo the decrease before it can show.
    private var isHeld = false

    package init(ceiling: Int) {
        precondition(ceiling >= 1, "A service must be allowed one request.")
        self.ceiling = ceiling
        limit = min(Self.start, ceiling)
    }

    /// `inFlight` is how many requests were under way just before this one finished, it included.
    package mutating func note(
        _ sign: LoadSign,
        startedAt: ContinuousClock.Instant,
        finishedAt: ContinuousClock.Instant,
        inFlight: Int
    ) {
        // What was sent before the last decrease tells of the load before it.
        if let decreasedAt, startedAt <= decreasedAt { return }
        switch sign {
        case .unclear: break
        case .overloaded: decrease(to: limit / 2, at: finishedAt)
        case .answered:
            if isSlow(startedAt.duration(to: finishedAt)) {
                decrease(to: max(limit * 4 / 5, Self.start), at: finishedAt)
            } else if inFlight >= limit, !isHeld {
                increase()
            }
        }
    }

    private mutating func decrease(to lower: Int, at now: ContinuousClock.Instant) {
        limit = max(1, lower)
        isFirstClimb = false
        credit = 0
        decreasedAt = now
        beginRound()
    }

    /// Not before the usual time is known: it would be learnt under the load that it is to be compared with.
    private mutating func increase() {
        guard limit < ceiling, usual != nil else { return }
        credit += 1
        guard isFirstClimb || credit >= limit else { return }
        credit = 0
        limit += 1
    }

    private mutating func beginRound() {
        round.removeAll(keepingCapacity: true)
        // Fixed at its beginning: while the limit grows with each answer, a round would never end.
        roundCount = max(Self.roundMin, limit)
    }

    /// Whether the round that this answer completes was slow. Its median counts: a few slow answers are no load.
    private mutating func isSlow(_ time: Duration) -> Bool {
        round.append(time)
        guard round.count >= roundCount else { return false }
        round.sort()
        let median = round[round.count / 2]
        beginRound()
        isHeld = false
        guard let usual, median > usual else {
            usual = median
            return false
        }
        guard median > max(usual * Self.slowFactor, usual + Self.slowMin) else { return false }
        // With so few requests it is not their number: the service has become slower, which is the usual from now on.
        guard limit > Self.start else {
            self.usual = median
            return false
        }
        isHeld = true
        return true
    }
}

package enum LoadSign: Sendable, Equatable {
    /// It works normally; its time can be compared.
    case answered
    /// It says that it has too much to do, or does not answer.
    case overloaded
    /// Nothing: the service fails in another way, or the fault is ours.
    case unclear

    /// 502 and 504 are what a proxy answers for a service that does not keep up; Standard Webhooks says so too.
    package init(_ answer: Result<ClientResponse, ClientError>) {
        switch answer {
        case .success(let response):
            switch response.status {
            case 429, 502, 503, 504: self = .overloaded
            case 200...499: self = .answered
            default: self = .unclear
            }
        case .failure(.timedOut), .failure(.couldNotConnect), .failure(.connectionLost), .failure(.tls):
            self = .overloaded
        case .failure: self = .unclear
        }
    }
}
