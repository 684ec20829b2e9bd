package import HTTPServer
internal import Synchronization
internal import Timestamps

/// Watches event loops from a thread that is none of theirs. One that stands still makes the process not live, which
/// `/livez` says, and is told in the log once.
package final class LoopWatch: Sendable {
    /// Whoever knows the loops of one port.
    package typealias Stalls = @Sendable (_ bound: Duration) -> [LoopStall]

    // Limit: a turn takes milliseconds, and some seconds where the processor is far from enough. Notion gives up a
    // delivery at about ten.
    package static let bound = Duration.seconds(10)
    /// How often the log is told.
    static let intervalMilliseconds = 1_000

    private struct Port {
        let name: String
        let stalls: Stalls
    }

    private struct Place: Hashable {
        let port: String
        let loop: Int
    }

    private let log: Log
    private let now: @Sendable () -> Int64
    private let ports = Mutex<[Port]>([])
    private let told = Mutex<Set<Place>>([])

    /// `now` is milliseconds since 1970.
    package init(log: Log, now: @escaping @Sendable () -> Int64 = Timestamp.now) {
        self.log = log
        self.now = now
    }

    /// Adds the loops of a port, `public` or `operations`, to what is watched and to the process's health.
    package func add(_ name: String, to health: Health, _ stalls: @escaping Stalls) {
        let port = Port(name: name, stalls: stalls)
        ports.withLock { $0.append(port) }
        health.check(.live, "loops of the \(name) port") { [now] in
            let stalls = port.stalls(Self.bound)
            guard !stalls.isEmpty else { return nil }
            return stalls.map { "loop \($0.loop) stands still since \(Self.since($0, now()))" }.joined(separator: ", ")
        }
    }

    /// Tells what has changed since the last look.
    package func look() {
        var found: Set<Place> = []
        for port in ports.withLock({ $0 }) {
            for stall in port.stalls(Self.bound) {
                let place = Place(port: port.name, loop: stall.loop)
                found.insert(place)
                guard told.withLock({ $0.insert(place).inserted }) else { continue }
                log.error(
                    "loop_stalled",
                    [
                        "port": place.port, "loop": place.loop, "since": Self.since(stall, now()),
                        "hint": "its clients get no answers; /livez fails, so that the process is restarted",
                    ]
                )
            }
        }
        let moving = told.withLock { told in
            defer { told.formIntersection(found) }
            return told.subtracting(found)
        }
        for place in moving { log.info("loop_moves_again", ["port": place.port, "loop": place.loop]) }
    }

    private static func since(_ stall: LoopStall, _ now: Int64) -> String {
        Timestamp.text(milliseconds: now - Int64(stall.duration.wholeMilliseconds))
    }
}
