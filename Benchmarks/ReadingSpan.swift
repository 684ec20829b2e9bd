import Foundation
import TestSupport

/// Time, and this process's processor time, from the first record to the last.
struct ReadingSpan: Sendable {
    private let start = ContinuousClock.now
    private let cpu = ReadingSpan.usage.cpu

    /// Prints the figures of a run, in the form that a peer prints as well.
    func end(records: Int, violations: Int) {
        let seconds = (ContinuousClock.now - start).seconds
        let usage = Self.usage
        let rate = String(format: "%.1f", Double(records) / seconds)
        let cost = String(format: "%.3f", (usage.cpu - cpu) * 1e6 / Double(records))
        Benchmark.notice(
            "records \(records) rate \(rate)/s cpu \(cost) us/record order violations \(violations) "
                + "peak \(usage.peakBytes) bytes"
        )
    }

    private static var usage: (cpu: Double, peakBytes: Int) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return (Double(seconds) + Double(microseconds) / 1e6, peakBytes)
    }

    /// Of this program only: `ru_maxrss` starts with the value of the parent process.
    private static var peakBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let kibibytes = status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/).flatMap { Int($0.1) }
        return (kibibytes ?? 0) * 1024
    }
}

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
