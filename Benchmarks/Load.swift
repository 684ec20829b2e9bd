import Foundation
import NotionWebhooks
import Simulator
import TestSupport

/// The requests that wrk sends: signed deliveries over kept-alive connections, or one small request a connection.
struct Load: Sendable {
    static let entities = 1_000
    static let requests = 24_000
    static let path = "/notion/webhooks"

    enum Kind: String {
        case deliveries
        case connections
    }

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
        try folder.write(Self.deliveries(folder.file("requests")) + Wrk.summary, to: "\(Kind.deliveries).lua")
        try folder.write(Self.connections + Wrk.summary, to: "\(Kind.connections).lua")
    }

    /// Warms a contender up, then loads it for the measured time.
    func measure(
        _ contender: Contender,
        _ kind: Kind = .deliveries,
        connections: Int,
        round: Int
    ) async throws -> Sample {
        let warmUp = try await run(contender, kind, connections: connections, seconds: options.warmUpSeconds)
        let before = contender.cpuSeconds
        let run = try await run(contender, kind, connections: connections, seconds: options.seconds)
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

    func run(_ contender: Contender, _ kind: Kind = .deliveries, connections: Int, seconds: Int) async throws -> Wrk {
        try await Wrk.run(
            "\(contender.scheme)://127.0.0.1:\(contender.port)\(Self.path)",
            script: folder.file("\(kind).lua"),
            connections: connections,
            seconds: seconds
        )
    }

    private static let connections = """
        wrk.headers["Connection"] = "close"

        """

    /// The file holds each request behind its length and a line break.
    private static func deliveries(_ file: String) -> String {
        """
        local requests, next_request = {}, 0

        function init(arguments)
          local file = assert(io.open("\(file)", "rb"))
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

        """
    }
}

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
