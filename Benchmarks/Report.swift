import Foundation
import Simulator
import TestSupport

/// The result of a run, as a table for people and as JSON for machines.
struct Report: Codable, Sendable {
    let options: BenchOptions
    let versions: Versions
    var grids: [Grid] = []
    var records: Records?
    var idle: Idle?
    var allocations: Allocations?
    var consumers: Consumers?
    var replays: Replays?
    var coldBuildSeconds: Double?

    init(options: BenchOptions, versions: Versions) {
        self.options = options
        self.versions = versions
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

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self)
    }
}

extension Report {
    var table: String {
        let consumers = consumers.map(Self.lines) ?? []
        let replays = replays.map(Self.lines) ?? []
        let sections = [statement] + grids.map(lines) + [idle.map(lines) ?? [], consumers, replays, verdicts]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var statement: [String] {
        let machine =
            "\(versions.processors) processors (\(versions.processor)), shared by server, load generator and broker"
        guard options.hasRequests else { return [machine] }
        var lines = [
            machine,
            "load: wrk, 1 thread, closed loop; \(Load.requests) different signed deliveries of "
                + "\(RawRequests.bodyBytes)-byte bodies about \(Load.entities) entities; "
                + "\(options.seconds) s after \(options.warmUpSeconds) s, \(options.rounds) rounds in turn, medians",
            "nginx \(versions.nginx): one worker, return 200, no log. bare: our HTTP server, one loop, answers 200",
        ]
        if records != nil {
            lines.append(
                "edge: notion-relay receive, one loop; Kafka \(versions.kafka), one node, \(Edge.partitions) "
                    + "partitions, acks=all, idempotent, default linger; keyed by entity"
            )
        }
        return lines + ["CPU: user and system time of the server with all its threads, for each request answered 200"]
    }

    private func lines(_ grid: Grid) -> [String] {
        let head = [
            "server", "conns", "req/s", "x nginx", "CPU us", "x nginx", "bar", "p50 ms", "p99 ms", "RSS MB", "not 200",
        ]
        let cells = grid.rows.map { row in
            [
                row.contender, String(row.connections), Self.text(row.requestsPerSecond, 0),
                Self.text(row.rateOverNginx, 2), Self.text(row.cpuMicroseconds, 2), Self.text(row.cpuOverNginx, 2),
                row.cpuBar.map { "<= \(Self.text($0, 1))" } ?? "", Self.text(row.p50Milliseconds, 2),
                Self.text(row.p99Milliseconds, 2), Self.text(Double(row.residentBytesMax) / 1_048_576, 1),
                String(row.notAnswered200),
            ]
        }
        return [grid.title] + Self.columns(head, cells)
    }

    /// A line for the heads and each row, all columns set to the right.
    static func columns(_ head: [String], _ cells: [[String]]) -> [String] {
        let widths = head.indices.map { column in ([head] + cells).map { $0[column].count }.max() ?? 0 }
        return ([head] + cells).map { cells in
            zip(cells, widths).map { cell, width in
                String(repeating: " ", count: width - cell.count) + cell
            }.joined(separator: "  ")
        }
    }

    private func lines(_ idle: Idle) -> [String] {
        let memory = idle.memory.map { row in
            "\(row.contender): RSS from \(Self.megabytes(row.residentBytesBefore)) to "
                + "\(Self.megabytes(row.residentBytesBeside)) MB, \(Self.text(row.bytesPerConnection, 0)) bytes each"
                + (row.contender == "bare" ? Self.verdict(row.bytesPerConnection, Idle.bytesPerConnectionBar, 0) : "")
        }
        return ["\(idle.connections) connections that rest after one request each"] + memory + [
            "bare, \(idle.busyConnections) busy connections beside them: CPU per request "
                + "\(Self.text(idle.cpuBesideOverAlone, 3)) x"
                + Self.verdict(idle.cpuBesideOverAlone, Idle.slowdownBar, 2)
                + "; requests a second \(Self.text(idle.rateBesideOverAlone, 3)) x"
        ]
    }

    private var verdicts: [String] {
        var lines = grids.flatMap(\.rows).compactMap { row in
            row.cpuBar.map { bar in
                "\(row.contender) at \(row.connections) connections: \(Self.text(row.cpuOverNginx, 2)) x nginx"
                    + Self.verdict(row.cpuOverNginx, bar, 1)
            }
        }
        if let allocations {
            lines.append(
                "allocations of the loop's thread in \(allocations.requests) requests over "
                    + "\(allocations.connections) kept connections: \(allocations.count), \(allocations.bytes) bytes"
                    + Self.verdict(Double(allocations.count), 0, 0)
            )
        }
        if let records {
            lines.append(
                "records in the topic: \(records.inTopic); answered 200: \(records.answered200); under way when runs "
                    + "were cut: at most \(records.underWayMax): "
                    + (records.agree ? "they agree" : "THEY DO NOT AGREE")
            )
        }
        lines += consumers.map(Self.verdicts) ?? []
        lines += replays.map(Self.verdicts) ?? []
        if versions.loadBefore > 1 {
            lines.append(
                "the machine was busy before (load \(Self.text(versions.loadBefore, 1))): batches are small then, "
                    + "and the edge's ratios too high"
            )
        }
        if let coldBuildSeconds { lines.append("cold release build: \(Self.text(coldBuildSeconds, 0)) s") }
        return lines
    }

    static func verdict(_ value: Double, _ bar: Double, _ digits: Int) -> String {
        ", \(value <= bar ? "within" : "ABOVE") its bar of \(text(bar, digits))"
    }

    static func megabytes(_ bytes: Int) -> String { text(Double(bytes) / 1_048_576, 1) }

    static func text(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}

/// What the figures of consumers are printed as.
extension Report {
    /// Limits: the share of what all lanes could do at most, records a second without a pause, and their ratio to a
    /// peer's.
    private static let shareBar = 0.9
    private static let rateBar = 100_000.0
    private static let peerBar = 3.0

    static func lines(_ consumers: Consumers) -> [String] {
        let head = ["consumer", "handler", "records", "records/s", "CPU us", "x bare", "disorder", "peak RSS MB"]
        let cells = consumers.rows.map { row in
            [
                row.contender, row.contender == "bare" ? "none" : "\(row.work.handlerMilliseconds) ms",
                String(row.work.records), text(row.recordsPerSecond, 0), text(row.cpuMicroseconds, 2),
                text(row.cpuOverBare, 2), row.orderViolations.map(String.init) ?? "",
                row.peakBytesMax.map(megabytes) ?? "",
            ]
        }
        return [
            "events from one partition of a one-node Kafka: \(consumers.keys) keys in turn, values of "
                + "\(text(consumers.valueBytes, 0)) bytes, \(consumers.headers) headers of "
                + "\(text(consumers.headerBytes, 0)) bytes, not compressed; all from the first handled to the last",
            "bare: reads alone, through our binding. keyed: KeyedConsumer, \(consumers.lanes) lanes, "
                + "\(consumers.prefetchKibibytes / 1024) MiB of prefetch, otherwise its defaults; both with jemalloc",
        ] + columns(head, cells)
    }

    static func verdicts(_ consumers: Consumers) -> [String] {
        var lines: [String] = []
        for row in consumers.rows where row.contender == "keyed" {
            let name = "keyed with \(row.work.handlerMilliseconds) ms"
            if let most = row.work.rateMax {
                let share = row.recordsPerSecond / most
                lines.append("\(name): \(text(share * 100, 1)) % of lanes / time" + floor(share, shareBar, 2))
            } else {
                lines.append(
                    "\(name): \(text(row.recordsPerSecond, 0)) records/s" + floor(row.recordsPerSecond, rateBar, 0)
                )
            }
            if let violations = row.orderViolations {
                lines.append("\(name): \(violations) records out of order" + verdict(Double(violations), 0, 0))
            }
        }
        if let ratio = consumers.rateOverPeer {
            lines.append("keyed without a pause: \(text(ratio, 2)) x the peer's rate" + floor(ratio, peerBar, 1))
        }
        return lines
    }

    static func floor(_ value: Double, _ bar: Double, _ digits: Int) -> String {
        ", \(value >= bar ? "within" : "BELOW") its bar of \(text(bar, digits))"
    }
}

/// What the figures of replays are printed as.
extension Report {
    /// Limit: percent of the bare loop's rate.
    private static let replayBar = 80.0

    static func lines(_ replays: Replays) -> [String] {
        let head = ["replay", "records", "records/s", "x loop", "CPU us", "x loop", "broker CPU us", "peak RSS MB"]
        let cells = replays.rows.map { row in
            [
                row.contender.rawValue, String(replays.records), text(row.recordsPerSecond, 0),
                text(row.rateOverLoop, 2), text(row.cpuMicroseconds, 2), text(row.cpuOverLoop, 2),
                text(row.brokerCPUMicroseconds, 2), megabytes(row.peakBytesMax),
            ]
        }
        return [
            "events from \(Replays.partitions) partitions of a one-node Kafka to \(Replays.partitions) others of it, "
                + "each run to a new topic: \(replays.keys) keys, values of \(text(replays.valueBytes, 0)) bytes, "
                + "\(replays.headers) headers of \(text(replays.headerBytes, 0)) bytes, not compressed",
            "loop: consume and produce, straight on librdkafka. replay: notion-relay replay --from beginning "
                + "--to-topic, in order over all partitions and marked. named: the same with --resume NAME, so with "
                + "checkpoints",
            "all: from when the partitions are assigned, before the producer is made, to the last acknowledgement; "
                + "idempotent, acks=all, linger 100 ms, jemalloc; \(replays.prefetchKibibytes / 1024) MiB of prefetch "
                + "for the loop, the replay's own for the others. Broker CPU: of the whole run",
        ] + columns(head, cells)
    }

    static func verdicts(_ replays: Replays) -> [String] {
        replays.rows.filter { $0.contender != .loop }.map { row in
            let percent = row.rateOverLoop * 100
            return "\(row.contender): \(text(percent, 1)) % of a bare loop's rate" + floor(percent, replayBar, 0)
        }
    }
}

/// What took part in the run.
struct Versions: Codable, Sendable {
    let nginx: String
    let kafka: String
    let processors: Int
    let processor: String
    /// Threads that wanted to run in the minute before, on average: what others did on the machine.
    let loadBefore: Double

    /// Asked before the run, so that the load is not the run's own.
    static func found() async throws -> Versions {
        let environment = ProcessInfo.processInfo.environment
        let nginx = try ChildProcess(
            "nginx",
            ["-v"],
            environment: ["PATH": (environment["PATH"] ?? "") + ":/usr/sbin"]
        )
        let line = try await nginx.errors.waitForLine(containing: "nginx/")
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let model = cpu.split(separator: "\n").first { $0.hasPrefix("model name") }
        return Versions(
            nginx: String(line.split(separator: "/").last ?? ""),
            kafka: (try? KafkaDistribution.installed.get().version) ?? "none",
            processors: ProcessInfo.processInfo.activeProcessorCount,
            processor: model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown",
            loadBefore: load.split(separator: " ").first.flatMap { Double($0) } ?? 0
        )
    }
}
