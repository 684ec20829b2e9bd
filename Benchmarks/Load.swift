import Foundation
import NotionWebhooks
import Simulator
import TestSupport

/// The requests, and wrk to send them: a closed loop of signed deliveries over kept-alive connections.
struct Load: Sendable {
    static let entities = 1_000
    static let requests = 24_000
    static let path = "/notion/webhooks"

    let token: VerificationToken
    private let options: BenchOptions
    private let folder: TemporaryDirectory

    init(_ options: BenchOptions, folder: TemporaryDirectory) throws {
        guard let token = VerificationToken("secret_benchmark_0123456789abcdefghijklmnopqrs") else {
            throw BenchmarkFailure(description: "the benchmark's token is refused")
        }
        self.token = token
        self.options = options
        self.folder = folder
        let requests = RawRequests.requests(
            count: Self.requests,
            entities: Self.entities,
            token: token,
            path: Self.path,
            host: "relay.example"
        )
        var file = Data()
        for request in requests {
            file.append(contentsOf: "\(request.count)\n".utf8)
            file.append(contentsOf: request)
        }
        try file.write(to: URL(fileURLWithPath: folder.file("requests")))
        try folder.write(Self.script(requests: folder.file("requests")), to: "load.lua")
    }

    /// Warms a contender up, then loads it for the measured time.
    func measure(_ contender: Contender, connections: Int, round: Int) async throws -> Sample {
        let warmUp = try await run(contender, connections: connections, seconds: options.warmUpSeconds)
        let before = contender.cpuSeconds
        let run = try await run(contender, connections: connections, seconds: options.seconds)
        let cpu = contender.cpuSeconds - before
        return Sample(
            contender: contender.name,
            connections: connections,
            round: round,
            answered: run.answered,
            answeredInWarmUp: warmUp.answered,
            refused: run.refused + warmUp.refused,
            failed: run.failed + warmUp.failed,
            requestsPerSecond: Double(run.answered) / run.seconds,
            cpuMicroseconds: cpu * 1e6 / Double(max(1, run.answered)),
            p50Milliseconds: run.p50Milliseconds,
            p99Milliseconds: run.p99Milliseconds,
            residentBytes: contender.residentBytes
        )
    }

    private func run(_ contender: Contender, connections: Int, seconds: Int) async throws -> WrkRun {
        let wrk = try ChildProcess(
            "wrk",
            [
                "--threads", "1", "--connections", String(connections), "--duration", "\(seconds)s", "--timeout", "15s",
                "--latency", "--script", folder.file("load.lua"), "http://127.0.0.1:\(contender.port)\(Self.path)",
            ],
            environment: ProcessInfo.processInfo.environment
        )
        let limit = Duration.seconds(seconds + 60)
        let line = try await wrk.output.waitForLine("the result of wrk", within: limit) { $0.hasPrefix("RESULT ") }
        _ = await wrk.exitStatus()
        return try WrkRun(line)
    }

    /// The file holds each request behind its length and a line break.
    private static func script(requests: String) -> String {
        """
        local requests, next_request = {}, 0

        function init(arguments)
          local file = assert(io.open("\(requests)", "rb"))
          while true do
            local length = file:read("*n")
            if not length then break end
            file:read(1)
            requests[#requests + 1] = file:read(length)
          end
        end

        function request()
          next_request = next_request % #requests + 1
          return requests[next_request]
        end

        function done(summary, latency, all)
          local errors = summary.errors
          io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
            latency:percentile(50), latency:percentile(99), errors.status,
            errors.connect + errors.read + errors.write + errors.timeout))
        end

        """
    }
}

struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
}

/// What wrk says about one run.
private struct WrkRun {
    let answered: Int
    let refused: Int
    let failed: Int
    let seconds: Double
    let p50Milliseconds: Double
    let p99Milliseconds: Double

    init(_ line: String) throws {
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
