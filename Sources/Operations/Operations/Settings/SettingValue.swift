internal import Timestamps

package enum SettingValue: Sendable, Equatable, CustomStringConvertible {
    case text(String)
    case integer(Int)
    case bytes(Int)
    case duration(Duration)
    case boolean(Bool)
    case list([String])
    /// A share or a factor.
    case number(Double)
    /// Events a second.
    case rate(Double)
    case position(StartPosition)
    /// Milliseconds since 1970 UTC.
    case time(milliseconds: Int64)
    case secrets([Secret])

    package var description: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .bytes(let count): Self.text(bytes: count)
        case .duration(let duration): Self.text(duration: duration)
        case .boolean(let flag): String(flag)
        case .list(let items): items.joined(separator: ",")
        case .number(let number): Self.text(decimal: number)
        case .rate(let perSecond): Self.text(decimal: perSecond) + "/s"
        case .position(let position): position.description
        case .time(let milliseconds): Timestamp.text(milliseconds: milliseconds)
        case .secrets(let secrets): secrets.count == 1 ? Secret.placeholder : "\(Secret.placeholder) (\(secrets.count))"
        }
    }

    private static func text(bytes: Int) -> String {
        for unit in SettingType.byteUnits.reversed() where bytes > 0 && bytes.isMultiple(of: unit.factor) {
            return "\(bytes / unit.factor)\(unit.name)"
        }
        return String(bytes)
    }

    private static func text(duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        for unit in SettingType.durationUnits.reversed()
        where milliseconds > 0 && milliseconds.isMultiple(of: unit.milliseconds) {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }

    private static func text(decimal: Double) -> String {
        decimal == decimal.rounded() && abs(decimal) < 1e15 ? String(Int(decimal)) : String(decimal)
    }
}

extension Duration {
    /// The duration in whole milliseconds, rounded down.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

package enum StartPosition: Sendable, Equatable, CustomStringConvertible {
    case beginning, end
    /// The first record at or after this time, in milliseconds since 1970 UTC.
    case time(milliseconds: Int64)

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
