import Foundation

/// The built `notion-relay` program, running as a process of its own.
package final class RelayProcess: Sendable {
    package let child: ChildProcess
    /// The public port, when the command has one.
    package let port: Int
    /// The port of `/livez`, `/readyz` and `/metrics`, when the command has one.
    package let operationsPort: Int

    /// The program next to the test bundle (or the benchmark), or the one that `$NOTION_RELAY_BINARY` names.
    package static let binary: String = {
        if let named = ProcessInfo.processInfo.environment["NOTION_RELAY_BINARY"], !named.isEmpty { return named }
        return BuiltProgram.path("notion-relay")
    }()

    /// Runs any command. The environment is this process's without its `NOTION_RELAY_*`, and with `environment` added.
    package init(
        _ arguments: [String],
        environment: [String: String] = [:],
        port: Int = 0,
        operationsPort: Int = 0,
        onTerminal: Bool = false
    ) throws {
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NOTION_RELAY_") }
        self.port = port
        self.operationsPort = operationsPort
        self.child = try ChildProcess(
            Self.binary,
            arguments,
            environment: inherited.merging(environment) { _, given in given },
            onTerminal: onTerminal
        )
    }

    deinit { child.signal(SIGKILL) }

    /// Runs `receive` on free ports (or on given ones, to come back on the same) with one verification token.
    package static func receive(
        kafka: String,
        token: String,
        port: Int? = nil,
        operationsPort: Int? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> RelayProcess {
        let port = port ?? FreePort.next()
        let operationsPort = operationsPort ?? FreePort.next()
        return try RelayProcess(
            [
                "receive", "--kafka", kafka, "--listen", "127.0.0.1:\(port)", "--operations",
                "127.0.0.1:\(operationsPort)",
            ] + arguments,
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": token].merging(environment) { _, given in given },
            port: port,
            operationsPort: operationsPort
        )
    }

    /// Waits until `/readyz` answers 200.
    package func waitUntilReady(within limit: Duration = .seconds(30)) async throws {
        try await waitForReadiness(200, within: limit)
    }

    /// Waits until `/readyz` answers with `status` (503: up, but not ready).
    package func waitForReadiness(_ status: Int, within limit: Duration = .seconds(30)) async throws {
        do {
            try await eventually(within: limit, "readiness \(status)") {
                guard self.child.isRunning else {
                    let status = await self.child.exitStatus()
                    throw LineNeverCame(description: "notion-relay: \(status): \(self.child.errors.tail())")
                }
                let answer = await LoopbackConnection.get(port: self.operationsPort, "/readyz")
                return answer?.status == status ? true : nil
            }
        } catch let error as TimeoutError {
            throw TimeoutError(description: "\(error); its log:\n\(child.errors.tail())")
        }
    }

    /// The text of `/metrics`; empty when the port does not answer.
    package func metrics() async -> String {
        await LoopbackConnection.get(port: operationsPort, "/metrics")?.body ?? ""
    }

    /// The value of one line of `/metrics`, named with its labels as the text has them; 0 when there is no such line.
    package func metric(_ series: String) async -> Double {
        let lines = await metrics().split(separator: "\n")
        let line = lines.first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) } ?? 0
    }

    package var usage: ProcessUsage? { ProcessUsage(pid: child.pid) }

    /// Sends SIGTERM and waits for the exit status.
    package func terminate(within limit: Duration = .seconds(60)) async throws -> ExitStatus {
        child.signal(SIGTERM)
        return try await exitStatus(within: limit)
    }

    /// Kills it, and waits until it has ended.
    package func kill() async {
        child.signal(SIGKILL)
        _ = await child.exitStatus()
    }

    /// Waits for the program's own end.
    package func exitStatus(within limit: Duration = .seconds(60)) async throws -> ExitStatus {
        try await eventually(within: limit, "the end of notion-relay") {
            self.child.isRunning ? nil : await self.child.exitStatus()
        }
    }
}

/// A program of this package that was built beside the tests or the benchmark that now runs it.
package enum BuiltProgram {
    private static let folder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent()
    }()

    package static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
}

/// What a process has used, from /proc.
package struct ProcessUsage: Sendable {
    /// User and system time of all its threads, also those that have ended.
    package let cpuSeconds: Double
    package let residentBytes: Int
    package let threads: Int

    /// Nil when there is no such process any more.
    package init?(pid: Int32) {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        // The fields after the name, which may hold spaces: state is the third of proc(5)'s table.
        let fields = stat[nameEnd...].split(separator: " ").dropFirst()
        let values = Array(fields)
        guard values.count > 21, let user = Double(values[11]), let system = Double(values[12]),
            let threads = Int(values[17]), let pages = Int(values[21])
        else { return nil }
        self.cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        self.residentBytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        self.threads = threads
    }
}
