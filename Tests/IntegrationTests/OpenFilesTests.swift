import Foundation
import TestSupport
import Testing

/// A process that can open no more files waits, says so, and goes on by itself.
@Suite(.serialized, .timeLimit(.minutes(2)), .needsProgram("prlimit"))
struct OpenFilesTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func limit(_ process: Int32, to files: Int) async throws {
        let prlimit = try ChildProcess(
            "prlimit",
            ["--pid", String(process), "--nofile=\(files):\(files)"],
            environment: ProcessInfo.processInfo.environment
        )
        #expect(await prlimit.exitStatus() == .exited(0))
    }

    /// The answer's first line; anything will do that is not silence.
    private func isAnswered(_ connection: LoopbackConnection, _ request: String = Self.request) async -> Bool {
        await connection.send(request)
        let (bytes, _) = await connection.receive { $0.starts(with: Array("HTTP/1.1 404".utf8)) }
        return bytes.starts(with: Array("HTTP/1.1 404".utf8))
    }

    @Test func `without files new clients wait at no cost, the slowest requests make room, and then all are served`()
        async throws
    {
        let (port, operations) = (FreePort.next(), FreePort.next())
        let edge = try RelayProcess(
            [
                "dev", "--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)",
                "--header-deadline", "60s",
            ],
            port: port,
            operationsPort: operations
        )
        try await edge.waitUntilReady()
        let idle = try #require(LoopbackConnection(port: port))
        #expect(await isAnswered(idle))
        let busy = try #require(LoopbackConnection(port: port))
        #expect(await isAnswered(busy))
        await busy.send(String(Self.request.prefix(8)))
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(edge.child.pid)/fd").count
        try await limit(edge.child.pid, to: open + 10)
        var crowd = (0..<100).compactMap { _ in LoopbackConnection(port: port) }
        // They say nothing, so none is idle between two requests and all keep their files.
        try await edge.child.errors.waitForLine(containing: "accept_paused")
        let before = try #require(edge.usage).cpuSeconds
        let lines = edge.child.errors.count
        try await edge.child.errors.waitForLine(containing: "\"reason\":\"open_files\"", from: lines)
        try await edge.child.errors.waitForLine(containing: "LimitNOFILE", from: edge.child.errors.count)
        let spent = try #require(edge.usage).cpuSeconds - before
        #expect(spent < 0.3, "of the two seconds or so that three log lines take")
        #expect(await busy.receiveAll().end == .closed, "the request that had been coming for longest made room")
        #expect(await idle.receiveAll().end == .closed, "the one that was idle longest made room")

        #expect(!crowd.isEmpty)
        crowd = []
        let new = try #require(LoopbackConnection(port: port))
        #expect(await isAnswered(new))
        #expect(await edge.metric("notion_relay_accept_pauses_total") > 2)
        #expect(try await edge.terminate() == .exited(0))
    }

    @Test func `a limit below what was asked for is said at the start`() async throws {
        let edge = try ChildProcess(
            "sh",
            [
                "-c", "ulimit -n 400; exec \"$0\" dev --listen 127.0.0.1:0 --operations 127.0.0.1:0",
                RelayProcess.binary,
            ],
            environment: ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NOTION_RELAY_") }
        )
        let line = try await edge.errors.waitForLine(containing: "open_files_limit")
        #expect(line.contains("\"connections_max\":20000,\"room\":144,"))
        edge.signal(SIGTERM)
        #expect(await edge.exitStatus() == .exited(0))
    }
}
