/// At most so many lines a second for one event, and how many were left out. Pure: time comes in.
struct RateLimit {
    private var second: Int64 = .min
    private var admitted = 0
    private var suppressed = 0

    /// How many lines were left out since the last one that was admitted; nil when this one is left out too.
    mutating func admit(atMilliseconds now: Int64, perSecond: Int) -> Int? {
        if now / 1000 != second {
            second = now / 1000
            admitted = 0
        }
        guard admitted < perSecond else {
            suppressed += 1
            return nil
        }
        admitted += 1
        defer { suppressed = 0 }
        return suppressed
    }
}
