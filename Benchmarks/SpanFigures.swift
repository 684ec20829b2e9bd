/// What a ``ReadingSpan``, or a peer in the same words, printed at its end.
struct SpanFigures: Sendable {
    let recordsPerSecond: Double
    let cpuMicroseconds: Double
    /// Nil when a peer does not say.
    let orderViolations: Int?
    let peakBytes: Int?

    /// Nil when none of the lines says it.
    init?(_ lines: [String]) {
        guard let line = lines.last(where: { $0.contains(/rate [0-9]/) }),
            let rate = line.firstMatch(of: /rate ([0-9.]+)\/s/).flatMap({ Double($0.1) }),
            let cpu = line.firstMatch(of: /cpu ([0-9.]+) us\/record/).flatMap({ Double($0.1) })
        else { return nil }
        recordsPerSecond = rate
        cpuMicroseconds = cpu
        orderViolations = line.firstMatch(of: /order violations ([0-9]+)/).flatMap { Int($0.1) }
        peakBytes = line.firstMatch(of: /peak ([0-9]+) bytes/).flatMap { Int($0.1) }
    }
}
