import Foundation
import Simulator

/// The result of a run, as a table for people and as JSON for machines.
struct Report: Codable, Sendable {
    let options: BenchOptions
    let versions: Versions
    let samples: [Sample]
    let rows: [Row]
    let records: Records?
    let coldBuildSeconds: Double?

    /// What the ratios to nginx must not exceed.
    static let bars = ["bare": 1.0, "edge": 2.4]

    /// Medians over the rounds; the ratio is the median of the ratios within each round.
    struct Row: Codable, Sendable {
        let contender: String
        let connections: Int
        let requestsPerSecond: Double
        let cpuMicroseconds: Double
        let cpuOverNginx: Double
        let p50Milliseconds: Double
        let p99Milliseconds: Double
        let residentBytesMax: Int
        let notAnswered200: Int
    }

    /// The topic against the answers: each 200 is a record. What was under way when a run was cut is a record that
    /// nobody saw the answer of, at most one for each connection and run.
    struct Records: Codable, Sendable {
        let inTopic: Int
        let answered200: Int
        let underWayMax: Int

        init(inTopic: Int, samples: [Sample]) {
            let edge = samples.filter { $0.contender == "edge" }
            self.inTopic = inTopic
            answered200 = edge.map { $0.answered + $0.answeredInWarmUp }.reduce(0, +)
            underWayMax = edge.map { 2 * $0.connections }.reduce(0, +)
        }

        var agree: Bool { (answered200...(answered200 + underWayMax)).contains(inTopic) }
    }

    init(options: BenchOptions, versions: Versions, samples: [Sample], edge: Records?, coldBuildSeconds: Double?) {
        self.options = options
        self.versions = versions
        self.samples = samples
        self.records = edge
        self.coldBuildSeconds = coldBuildSeconds
        self.rows = options.connections.flatMap { connections in
            ["nginx", "bare", "edge"].compactMap { Self.row($0, connections, samples) }
        }
    }

    private static func row(_ contender: String, _ connections: Int, _ samples: [Sample]) -> Row? {
        let same = samples.filter { $0.connections == connections }
        let own = same.filter { $0.contender == contender }
        guard !own.isEmpty else { return nil }
        let ratios = own.compactMap { sample in
            same.first { $0.contender == "nginx" && $0.round == sample.round }
                .map { sample.cpuMicroseconds / $0.cpuMicroseconds }
        }
        return Row(
            contender: contender,
            connections: connections,
            requestsPerSecond: own.map(\.requestsPerSecond).median,
            cpuMicroseconds: own.map(\.cpuMicroseconds).median,
            cpuOverNginx: ratios.median,
            p50Milliseconds: own.map(\.p50Milliseconds).median,
            p99Milliseconds: own.map(\.p99Milliseconds).median,
            residentBytesMax: own.map(\.residentBytes).max() ?? 0,
            notAnswered200: own.map { $0.refused + $0.failed }.reduce(0, +)
        )
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self)
    }
}

extension Report {
    var table: String { (statement + [""] + grid + [""] + verdicts).joined(separator: "\n") }

    private var statement: [String] {
        let edge =
            "edge: notion-relay receive, one loop; Kafka \(versions.kafka), one node, \(Edge.partitions) partitions, "
            + "acks=all, idempotent, default linger; keyed by entity"
        return [
            "\(versions.processors) processors (\(versions.processor)), shared by server, load generator and broker",
            "load: wrk, 1 thread, closed loop; \(Load.requests) different signed deliveries of "
                + "\(RawRequests.bodyBytes)-byte bodies about \(Load.entities) entities; "
                + "\(options.seconds) s after \(options.warmUpSeconds) s, \(options.rounds) rounds in turn, medians",
            "nginx \(versions.nginx): one worker, return 200, no log. bare: our HTTP server, one loop, answers 200",
            records == nil ? "edge: not measured" : edge,
            "CPU: user and system time of the server with all its threads, for each request answered 200",
        ]
    }

    private var grid: [String] {
        let head = ["server", "conns", "req/s", "CPU us", "x nginx", "bar", "p50 ms", "p99 ms", "RSS MB", "not 200"]
        let lines = rows.map { row in
            [
                row.contender, String(row.connections), Self.text(row.requestsPerSecond, 0),
                Self.text(row.cpuMicroseconds, 2), Self.text(row.cpuOverNginx, 2),
                Self.bars[row.contender].map { "<= \(Self.text($0, 1))" } ?? "",
                Self.text(row.p50Milliseconds, 2), Self.text(row.p99Milliseconds, 2),
                Self.text(Double(row.residentBytesMax) / 1_048_576, 1), String(row.notAnswered200),
            ]
        }
        let widths = head.indices.map { column in ([head] + lines).map { $0[column].count }.max() ?? 0 }
        return ([head] + lines).map { cells in
            zip(cells, widths).map { cell, width in
                String(repeating: " ", count: width - cell.count) + cell
            }.joined(separator: "  ")
        }
    }

    private var verdicts: [String] {
        var lines: [String] = []
        for (contender, bar) in Self.bars.sorted(by: { $0.key < $1.key }) {
            guard let row = rows.first(where: { $0.contender == contender }) else { continue }
            let verdict = row.cpuOverNginx <= bar ? "within" : "ABOVE"
            lines.append(
                "\(contender) at \(row.connections) connections: \(Self.text(row.cpuOverNginx, 2)) x nginx, "
                    + "\(verdict) its bar of \(Self.text(bar, 1))"
            )
        }
        if let records {
            lines.append(
                "records in the topic: \(records.inTopic); answered 200: \(records.answered200); under way when runs "
                    + "were cut: at most \(records.underWayMax): "
                    + (records.agree ? "they agree" : "THEY DO NOT AGREE")
            )
        }
        if versions.loadBefore > 1 {
            lines.append(
                "the machine was busy before (load \(Self.text(versions.loadBefore, 1))): batches are small then, "
                    + "and the edge's ratios too high"
            )
        }
        if let coldBuildSeconds { lines.append("cold release build: \(Self.text(coldBuildSeconds, 0)) s") }
        return lines
    }

    private static func text(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
