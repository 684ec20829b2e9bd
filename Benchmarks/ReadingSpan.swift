import Foundation
import TestSupport

/// Time, and this process's processor time, from the first record to the last.
struct ReadingSpan: Sendable {
    private let start = ContinuousClock.now
    private let cpu = ReadingSpan.usage.cpu

    /// Prints what a run came to, in the words that a peer uses as well.
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

    /// Of this program only: `ru_maxrss` begins with what the process that started it had.
    private static var peakBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let kibibytes = status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/).flatMap { Int($0.1) }
        return (kibibytes ?? 0) * 1024
    }
}
