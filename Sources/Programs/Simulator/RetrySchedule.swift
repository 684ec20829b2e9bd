/// When Notion comes again. Its steps are not published; these fit what is: eight attempts, the last about 24 hours
/// after the first (SPEC.md section 2: 60 s, then each gap 3.154 times the one before).
package struct RetrySchedule: Sendable {
    package static let attemptsMax = 8
    private static let firstGapSeconds = 60.0
    private static let ratio = 3.154

    /// The wait after the attempt of that number (1 is the first) less one.
    private let gaps: [Duration]

    /// `timeScale`: seconds of the simulator for one of Notion's. With the default the first retry comes after 0.1 s,
    /// the last 144 s after the first attempt.
    package init(timeScale: Double = 1.0 / 600) {
        precondition(timeScale >= 0, "Time does not run backward.")
        var seconds = Self.firstGapSeconds * timeScale
        gaps = (1..<Self.attemptsMax).map { _ in
            defer { seconds *= Self.ratio }
            return .seconds(seconds)
        }
    }

    /// The wait after that attempt has failed; nil after the last.
    package func gap(after attempt: Int) -> Duration? {
        gaps.indices.contains(attempt - 1) ? gaps[attempt - 1] : nil
    }
}
