internal import Glibc
internal import Synchronization
internal import TextOutput
internal import Timestamps

/// The log: one line an event on stderr.
///
/// Fields are only built when the level is on. Any thread may log, event loops too: a line is left to the thread that
/// writes, and nobody waits for it. Lines never mix and keep their order. The event is a word of the code
/// (`delivery_refused`), never data.
package final class Log: Sendable {
    package typealias Fields = KeyValuePairs<StaticString, any LogValue>
    package typealias Sink = @Sendable ([UInt8]) -> Void

    package let level: LogLevel
    package let format: LogFormat

    private let sink: Sink
    private let now: @Sendable () -> Int64
    private let limits = Mutex<[LimitKey: RateLimit]>([:])
    // Limit: events and words of the code are fewer; should data come as a word, its lines share one limit.
    private static let limitsMax = 1024

    private struct LimitKey: Hashable {
        let event: String
        let word: String
    }

    /// A line that its limit lets pass, and how many were left out before it.
    package struct Admission {
        fileprivate let level: LogLevel
        fileprivate let event: StaticString
        fileprivate let suppressed: Int
    }

    /// `sink` takes one line with its line feed; `now` is milliseconds since 1970 UTC.
    package init(
        level: LogLevel = .info,
        format: LogFormat = .json,
        sink: @escaping Sink = StandardError.write,
        now: @escaping @Sendable () -> Int64 = Timestamp.now
    ) {
        self.level = level
        self.format = format
        self.sink = sink
        self.now = now
    }

    /// The log that the settings describe.
    package convenience init(_ settings: ResolvedSettings) {
        self.init(
            level: settings[\.logLevel],
            format: settings[\.logFormat] ?? (StandardError.isTerminal ? .text : .json)
        )
        let (format, now) = (format, now)
        StandardError.setLossLine { count in
            let fields = [
                (name: "lines", value: LoggedValue.integer(Int64(count))),
                (name: "hint", value: .text("stderr did not take them; whoever reads it was too slow, or away")),
            ]
            return LogLine(milliseconds: now(), level: .warning, event: "log_lines_dropped", fields: fields)
                .bytes(as: format)
        }
    }

    package func debug(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .debug { write(.debug, event, fields(), suppressed: 0) }
    }

    package func info(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .info { write(.info, event, fields(), suppressed: 0) }
    }

    package func warning(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .warning { write(.warning, event, fields(), suppressed: 0) }
    }

    package func error(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.error, event, fields(), suppressed: 0)
    }

    /// For events that strangers can cause: at most `perSecond` lines in a second of this event with this word, which
    /// is one of few that the code knows, such as an outcome: so noise of one kind hides no other. The first line after
    /// a gap says in `suppressed` how many were left out.
    package func limited(
        _ level: LogLevel,
        _ event: StaticString,
        by word: String = "",
        perSecond: Int = 5,
        _ fields: @autoclosure () -> Fields = [:]
    ) {
        guard let admission = admit(level, event, by: word, perSecond: perSecond) else { return }
        write(admission, fields())
    }

    /// The first half of ``limited(_:_:by:perSecond:_:)``, for fields that no closure can hold. Nil when the line is
    /// left out.
    package func admit(
        _ level: LogLevel,
        _ event: StaticString,
        by word: String = "",
        perSecond: Int = 5
    ) -> Admission? {
        guard self.level <= level else { return nil }
        let time = now()
        let suppressed = limits.withLock { limits in
            var key = LimitKey(event: event.description, word: word)
            if limits.count >= Self.limitsMax, limits[key] == nil { key = LimitKey(event: key.event, word: "") }
            return limits[key, default: RateLimit()].admit(atMilliseconds: time, perSecond: perSecond)
        }
        return suppressed.map { Admission(level: level, event: event, suppressed: $0) }
    }

    package func write(_ admission: Admission, _ fields: Fields) {
        write(admission.level, admission.event, fields, suppressed: admission.suppressed)
    }

    private func write(_ level: LogLevel, _ event: StaticString, _ fields: Fields, suppressed: Int) {
        var named = fields.compactMap { field in
            field.value.logged.map { (name: field.key.description, value: $0) }
        }
        if suppressed > 0 { named.append((name: "suppressed", value: .integer(Int64(suppressed)))) }
        let line = LogLine(milliseconds: now(), level: level, event: event.description, fields: named)
        sink(line.bytes(as: format))
    }
}

/// How much a log line matters.
package enum LogLevel: Int, Comparable, Sendable, CaseIterable {
    case debug, info, warning, error

    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    package var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// The two forms of a log line.
package enum LogFormat: String, CaseIterable, Sendable {
    case json, text
}

/// At most so many lines a second for one event, and how many were left out. Pure: time comes in.
private struct RateLimit {
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

/// One line of the log, as bytes with the line feed at its end.
private struct LogLine {
    // Limit: a line stays well below what collectors cut (16 KiB at the shortest).
    static let textBytesMax = 2048

    let milliseconds: Int64
    let level: LogLevel
    let event: String
    let fields: [(name: String, value: LoggedValue)]

    func bytes(as format: LogFormat) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        switch format {
        case .json: appendJSON(to: &bytes)
        case .text: appendText(to: &bytes)
        }
        bytes.append(0x0A)
        return bytes
    }

    /// `{"time":"…","level":"info","event":"…","name":value}`.
    private func appendJSON(to bytes: inout [UInt8]) {
        bytes += "{\"time\":\"".utf8
        bytes += Timestamp.bytes(milliseconds: milliseconds)
        bytes += "\",\"level\":\"\(level.name)\",\"event\":".utf8
        JSONText.append(event, to: &bytes)
        for (name, value) in fields {
            bytes.append(UInt8(ascii: ","))
            JSONText.append(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(Self.shortened(value), to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// `2026-10-06T09:02:47.713Z info event name=value`; texts that are not one plain word are quoted as in JSON.
    private func appendText(to bytes: inout [UInt8]) {
        bytes += Timestamp.bytes(milliseconds: milliseconds)
        bytes += " \(level.name) \(event)".utf8
        for (name, value) in fields {
            bytes += " \(name)=".utf8
            let value = Self.shortened(value)
            if case .text(let text) = value, Self.isPlainWord(text) {
                bytes += text.utf8
            } else {
                JSONText.append(value, to: &bytes)
            }
        }
    }

    private static func isPlainWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar != " " && scalar != "\"" && scalar != "=" && scalar != "\\" && !PlainText.isHarmful(scalar)
            }
    }

    private static func shortened(_ value: LoggedValue) -> LoggedValue {
        guard case .text(let text) = value, text.utf8.count > textBytesMax else { return value }
        return .text(String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self) + "…")
    }
}

/// What a field of a log line may be. `Secret` is not one, so a secret cannot be logged by writing its name.
package protocol LogValue: Sendable {
    /// Nil leaves the field out.
    var logged: LoggedValue? { get }
}

/// A field's value on its way into a line.
package enum LoggedValue: Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
}

extension String: LogValue {
    package var logged: LoggedValue? { .text(self) }
}

extension Int: LogValue {
    package var logged: LoggedValue? { .integer(Int64(self)) }
}

extension Int32: LogValue {
    package var logged: LoggedValue? { .integer(Int64(self)) }
}

extension Int64: LogValue {
    package var logged: LoggedValue? { .integer(self) }
}

extension Double: LogValue {
    package var logged: LoggedValue? { .number(self) }
}

extension Bool: LogValue {
    package var logged: LoggedValue? { .boolean(self) }
}

extension Optional: LogValue where Wrapped: LogValue {
    package var logged: LoggedValue? { flatMap(\.logged) }
}

/// Whole milliseconds with their unit, as settings write them.
extension Duration: LogValue {
    package var logged: LoggedValue? { .text(SettingValue.duration(self).description) }
}

/// JSON that is appended to bytes without an encoder: a log line is written for every refused delivery.
enum JSONText {
    /// Appends a quoted string. What a terminal would obey, or not show, is escaped; everything else stays UTF-8.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(ascii: scalar))
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case _ where PlainText.isHarmful(scalar): JSONEscape.append(scalar, to: &bytes)
            case _ where scalar.isASCII: bytes.append(UInt8(ascii: scalar))
            default: bytes += String(scalar).utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The string as a JSON text of its own.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a value. JSON has no infinities; they become null.
    static func append(_ value: LoggedValue, to bytes: inout [UInt8]) {
        switch value {
        case .text(let text): append(text, to: &bytes)
        case .integer(let number): bytes += String(number).utf8
        case .number(let number): bytes += (number.isFinite ? String(number) : "null").utf8
        case .boolean(let flag): bytes += (flag ? "true" : "false").utf8
        }
    }
}
