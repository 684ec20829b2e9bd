/// When the next record may go.
package enum ReplayPace: Sendable, Equatable {
    /// As fast as the target takes them.
    case full
    /// This many records a second.
    case rate(Double)
    /// In the time between the records, divided by this.
    case speed(Double)
}

/// Says when records are due at a pace. Pure: it is told what time it is.
struct PaceKeeper {
    private let pace: ReplayPace
    private var last: ContinuousClock.Instant?
    private var origin: (record: Int64, clock: ContinuousClock.Instant)?

    init(_ pace: ReplayPace) { self.pace = pace }

    /// When a record of this time, in milliseconds since 1970, may go; not before the one that went last.
    ///
    /// A rate does not catch up on what could not be sent. The original pace does: the records' times say when.
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

    /// Notes that a record of this time is sent.
    mutating func go(_ time: Int64, now: ContinuousClock.Instant) {
        switch pace {
        case .full: break
        case .rate(let perSecond):
            // A tenth of a second may be caught up on: otherwise each wait that lasts a little longer would slow it
            // down.
            let due = last.map { $0 + .seconds(1) / perSecond } ?? now
            last = max(due, now - .milliseconds(100))
        case .speed: if origin == nil { origin = (time, now) }
        }
    }
}
