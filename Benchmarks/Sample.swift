/// One contender under one load in one round.
struct Sample: Codable, Sendable {
    let contender: String
    let connections: Int
    let round: Int
    /// Requests answered 2xx in the measured time, and before it.
    let answered: Int
    let answeredInWarmUp: Int
    /// Requests answered otherwise, and requests that got no answer.
    let refused: Int
    let failed: Int
    let requestsPerSecond: Double
    let cpuMicroseconds: Double
    let p50Milliseconds: Double
    let p99Milliseconds: Double
    let residentBytes: Int
}

extension [Double] {
    /// The middle value, or the mean of the two middle ones.
    var median: Double {
        guard !isEmpty else { return .nan }
        let ordered = sorted()
        return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
    }
}
