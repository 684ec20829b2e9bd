import Foundation
import TestSupport

/// Servers under the same load in turn, compared with the first one.
struct Grid: Codable, Sendable {
    let title: String
    let samples: [Sample]
    let rows: [Row]

    /// Limits of the ratios of CPU to nginx's.
    static let bars = ["bare": 0.9, "bare-tls": 1.1, "edge": 2.4]

    /// Medians over the rounds; a ratio is the median of the ratios within each round.
    struct Row: Codable, Sendable {
        let contender: String
        let connections: Int
        let requestsPerSecond: Double
        let rateOverNginx: Double
        let cpuMicroseconds: Double
        let cpuOverNginx: Double
        let cpuBar: Double?
        let p50Milliseconds: Double
        let p99Milliseconds: Double
        let residentBytesMax: Int
        let notAnswered200: Int
    }

    /// Loads each contender in each round; the first one is what the others are compared with.
    static func measure(
        _ title: String,
        _ contenders: [Contender],
        _ load: Load,
        _ kind: Load.Kind = .deliveries,
        connections: [Int],
        options: BenchOptions
    ) async throws -> Grid {
        var samples: [Sample] = []
        for round in 1...options.rounds {
            for count in connections {
                for contender in contenders {
                    Benchmark.notice("round \(round) of \(options.rounds): \(contender.name), \(count) \(kind)")
                    samples.append(try await load.measure(contender, kind, connections: count, round: round))
                }
            }
        }
        return Grid(
            title: title,
            samples: samples,
            contenders: contenders.map(\.name),
            connections: connections,
            bars: kind == .deliveries ? bars : [:]
        )
    }

    private init(
        title: String,
        samples: [Sample],
        contenders: [String],
        connections: [Int],
        bars: [String: Double]
    ) {
        self.title = title
        self.samples = samples
        rows = connections.flatMap { count in
            contenders.compactMap { contender in
                Self.row(contender, samples.filter { $0.connections == count }, base: contenders[0], bars[contender])
            }
        }
    }

    private static func row(_ contender: String, _ samples: [Sample], base: String, _ bar: Double?) -> Row? {
        let own = samples.filter { $0.contender == contender }
        guard let connections = own.first?.connections else { return nil }
        let pairs = own.flatMap { sample in
            samples.filter { $0.contender == base && $0.round == sample.round }.map { (sample, $0) }
        }
        return Row(
            contender: contender,
            connections: connections,
            requestsPerSecond: own.map(\.requestsPerSecond).median,
            rateOverNginx: pairs.map { $0.requestsPerSecond / $1.requestsPerSecond }.median,
            cpuMicroseconds: own.map(\.cpuMicroseconds).median,
            cpuOverNginx: pairs.map { $0.cpuMicroseconds / $1.cpuMicroseconds }.median,
            cpuBar: bar,
            p50Milliseconds: own.map(\.p50Milliseconds).median,
            p99Milliseconds: own.map(\.p99Milliseconds).median,
            residentBytesMax: own.map(\.residentBytes).max() ?? 0,
            notAnswered200: own.map { $0.refused + $0.failed }.reduce(0, +)
        )
    }
}

/// A server that is measured.
struct Contender: Sendable {
    let name: String
    var scheme = "http"
    let port: Int
    let child: ChildProcess

    /// User and system time of the server with all its threads, and of its own children (nginx's worker).
    var cpuSeconds: Double { usages.map(\.cpuSeconds).reduce(0, +) }
    var residentBytes: Int { usages.map(\.residentBytes).reduce(0, +) }

    func stop() async {
        child.signal(SIGTERM)
        _ = await child.exitStatus()
    }

    private var usages: [ProcessUsage] {
        let list = try? String(contentsOfFile: "/proc/\(child.pid)/task/\(child.pid)/children", encoding: .utf8)
        let children = (list ?? "").split(separator: " ").compactMap { Int32($0) }
        // The shell that watches the process is a child as well, and uses no CPU.
        return ([child.pid] + children).compactMap(ProcessUsage.init)
    }
}

/// One contender under one load in one round.
struct Sample: Codable, Sendable {
    let contender: String
    let connections: Int
    let round: Int
    /// Requests answered 2xx in the measured time, and before it.
    let answered: Int
    let answeredInWarmUp: Int
    /// Requests answered otherwise, and requests that got no answer.
    let refused: Int
    let failed: Int
    let requestsPerSecond: Double
    let cpuMicroseconds: Double
    let p50Milliseconds: Double
    let p99Milliseconds: Double
    let residentBytes: Int
}

extension [Double] {
    /// The middle value, or the mean of the two middle ones.
    var median: Double {
        guard !isEmpty else { return .nan }
        let ordered = sorted()
        return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
    }
}
