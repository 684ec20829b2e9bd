import Timestamps

/// Numbers and times as findings say them.
enum Words {
    /// `3 days ago`, `in 2 hours`.
    static func distance(from then: Int64, to now: Int64) -> String {
        let milliseconds = now - then
        let length = span(milliseconds.magnitude)
        return milliseconds >= 0 ? "\(length) ago" : "in \(length)"
    }

    /// A length of time in its largest unit: `90 s`, `5 minutes`.
    static func span(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        switch seconds {
        case 0: return "\(milliseconds) ms"
        case 1..<120: return "\(seconds) s"
        case 120..<7_200: return "\(seconds / 60) minutes"
        case 7_200..<172_800: return "\(seconds / 3_600) hours"
        default: return "\(seconds / 86_400) days"
        }
    }

    /// The time with how long ago that was.
    static func time(_ then: Int64, now: Int64) -> String {
        "\(Timestamp.text(milliseconds: then)) (\(distance(from: then, to: now)))"
    }

    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "0 %" }
        return "\((part * 100 + whole / 2) / whole) %"
    }

    /// `1 record`, `2 records`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
