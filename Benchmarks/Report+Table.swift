import Foundation
import Simulator

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
