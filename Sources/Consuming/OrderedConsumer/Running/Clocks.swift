import FoundationEssentials

/// Where a consumer's moments come from.
struct Clocks: Sendable {
    private let start = ContinuousClock.now

    var now: Moment {
        Moment(steady: ContinuousClock.now - start, wall: Int64(Date.now.timeIntervalSince1970 * 1000))
    }
}
