internal import Glibc
internal import Synchronization
internal import Timestamps

/// The log: one line an event on stderr, in one write.
///
/// Fields are only built when the level is on. Any thread may log; lines never mix. The event is a word of the code
/// (`delivery_refused`), never data, so the events with a rate limit are as many as the code names.
package final class Log: Sendable {
    package typealias Fields = KeyValuePairs<StaticString, any LogValue>
    package typealias Sink = @Sendable ([UInt8]) -> Void

    package let level: LogLevel
    package let format: LogFormat

    private let sink: Sink
    private let now: @Sendable () -> Int64
    private let limits = Mutex<[String: RateLimit]>([:])

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

    /// For events that strangers can cause: at most `perSecond` lines of this event in a second. The first line after
    /// a gap says in `suppressed` how many were left out.
    package func limited(
        _ level: LogLevel,
        _ event: StaticString,
        perSecond: Int = 5,
        _ fields: @autoclosure () -> Fields = [:]
    ) {
        guard self.level <= level else { return }
        let time = now()
        let suppressed = limits.withLock { limits in
            limits[event.description, default: RateLimit()].admit(atMilliseconds: time, perSecond: perSecond)
        }
        if let suppressed { write(level, event, fields(), suppressed: suppressed) }
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
