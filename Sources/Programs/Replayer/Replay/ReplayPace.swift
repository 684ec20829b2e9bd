package enum ReplayPace: Sendable, Equatable {
    case full
    case rate(Double)
    /// In the time between the records, divided by this.
    case speed(Double)
}

struct PaceKeeper {
    private let pace: ReplayPace
    private var last: ContinuousClock.Instant?
    private var origin: (record: Int64, clock: ContinuousClock.Instant)?

    init(_ pace: ReplayPace) { self.pace = pace }

    /// A rate does not catch up on what could not be sent; the original pace does. `time`: milliseconds since 1970.
    func due(_ time: Int64, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        switch pace {
        case .full: return now
        case .rate(let perSecond): return last.map { $0 + .seconds(1) / perSecond } ?? now
        case .speed(let factor):
            guard let origin else { return now }
            let (elapsed, overflow) = time.subtractingReportingOverflow(origin.record)
            guard !overflow else { return now }
            return origin.clock + .milliseconds(elapsed) / factor
        }
    }

    mutating func go(_ time: Int64, now: ContinuousClock.Instant) {
        switch pace {
        case .full: break
        case .rate(let perSecond):
            // A tenth of a second may be caught up on: otherwise each wait that lasts longer would slow it down.
            let due = last.map { $0 + .seconds(1) / perSecond } ?? now
            last = max(due, now - .milliseconds(100))
        case .speed: if origin == nil { origin = (time, now) }
        }
    }
}
