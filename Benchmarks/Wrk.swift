import Foundation
import TestSupport

/// One run of the load generator: a closed loop, one thread.
struct Wrk: Sendable {
    let answered: Int
    let refused: Int
    let failed: Int
    let seconds: Double
    let p50Milliseconds: Double
    let p99Milliseconds: Double

    /// The part of a script that says the result in one line.
    static let summary = """
        function done(summary, latency, all)
          local errors = summary.errors
          io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
            latency:percentile(50), latency:percentile(99), errors.status,
            errors.connect + errors.read + errors.write + errors.timeout))
        end

        """

    static func run(_ url: String, script: String, connections: Int, seconds: Int) async throws -> Wrk {
        let child = try ChildProcess(
            "wrk",
            [
                "--threads", "1", "--connections", String(connections), "--duration", "\(seconds)s", "--timeout", "15s",
                "--latency", "--script", script, url,
            ],
            environment: ProcessInfo.processInfo.environment
        )
        let limit = Duration.seconds(seconds + 60)
        let line = try await child.output.waitForLine("the result of wrk", within: limit) { $0.hasPrefix("RESULT ") }
        _ = await child.exitStatus()
        return try Wrk(line)
    }

    private init(_ line: String) throws {
        let numbers = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard numbers.count == 6 else { throw BenchmarkFailure(description: "wrk said: \(line)") }
        answered = Int(numbers[0] - numbers[4])
        seconds = numbers[1] / 1e6
        p50Milliseconds = numbers[2] / 1e3
        p99Milliseconds = numbers[3] / 1e3
        refused = Int(numbers[4])
        failed = Int(numbers[5])
    }
}

struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
}
