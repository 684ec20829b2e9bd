internal import Timestamps

/// Where a reader starts in a topic.
package enum StartPosition: Sendable, Equatable, CustomStringConvertible {
    case beginning
    case end
    /// The first record at or after this time, in milliseconds since 1970 UTC.
    case time(milliseconds: Int64)

    /// `beginning`, `end`, a time such as `2026-10-06T09:02:47Z` or `2026-10-06`, or milliseconds since 1970.
    package init?(_ text: String) {
        switch text {
        case "beginning": self = .beginning
        case "end": self = .end
        default:
            guard let milliseconds = Timestamp.milliseconds(text) else { return nil }
            self = .time(milliseconds: milliseconds)
        }
    }

    package var description: String {
        switch self {
        case .beginning: "beginning"
        case .end: "end"
        case .time(let milliseconds): Timestamp.text(milliseconds: milliseconds)
        }
    }
}
