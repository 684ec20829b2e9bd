import Foundation
import Kafka
import TestSupport
import Testing

/// Three edges behind a proxy of the distribution, with the configuration in `deploy/`, are replaced one after another
/// under load.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct RollingRestartTests {
    private static let token = "secret_forRollingRestarts"

    @Test(.needsKafka, .needsProgram("haproxy"))
    func `behind haproxy no delivery fails and none is lost while the edges are replaced`() async throws {
        try await roll("haproxy", "haproxy.cfg") { ["-db", "-f", $0.file("proxy.conf")] }
    }

    @Test(.needsKafka, .needsProgram("nginx"))
    func `behind nginx no delivery fails and none is lost while the edges are replaced`() async throws {
        try await roll("nginx", "nginx.conf") { folder in
            ["-p", folder.path, "-e", folder.file("errors"), "-c", folder.file("proxy.conf")]
        }
    }

    private func roll(_ program: String, _ file: String, _ arguments: (TemporaryDirectory) -> [String]) async throws {
        let folder = try TemporaryDirectory("rolling")
        let (topic, client) = try await SharedKafka.topic("rolling", partitions: 12)
        let (deadLetters, _) = try await SharedKafka.topic("rolling-dead-letters")
        let edge = { (port: Int) async throws -> RelayProcess in
            let edge = try RelayProcess.receive(
                kafka: client.bootstrapServers[0],
                token: Self.token,
                port: port,
                arguments: [
                    "--topic", topic, "--dead-letter-topic", deadLetters, "--stop-delay", "3s", "--trusted-proxies",
                    "127.0.0.1",
                ]
            )
            try await edge.waitUntilReady()
            return edge
        }
        let ports = (0..<3).map { _ in FreePort.next() }
        var edges: [RelayProcess] = []
        for port in ports { edges.append(try await edge(port)) }
        let port = FreePort.next()
        try folder.write(try Self.configuration(file, port: port, edges: ports, folder), to: "proxy.conf")
        let environment = ProcessInfo.processInfo.environment
        let proxy = try ChildProcess(
            program,
            arguments(folder),
            environment: environment.merging(["PATH": (environment["PATH"] ?? "") + ":/usr/sbin"]) { _, given in given }
        )
        try await eventually(within: .seconds(20), "\(program) in front of an edge") {
            await LoopbackConnection.get(port: port, "/healthz")?.status == 200 ? true : nil
        }
        let ledger = folder.file("ledger.jsonl")
        let load = try RelayProcess([
            "simulate", "deliver", "--url", "http://127.0.0.1:\(port)/notion/webhooks", "--token", Self.token,
            "--count", "6000", "--rate", "300/s", "--entities", "500", "--connections", "32", "--ledger", ledger,
        ])
        for place in edges.indices {
            #expect(try await edges[place].terminate() == .exited(0), "\(edges[place].child.errors.tail())")
            edges[place] = try await edge(ports[place])
        }
        #expect(try await load.exitStatus(within: .seconds(120)) == .exited(0), "\(load.child.errors.tail())")
        print("\(program): \(load.child.output.text.replacing("\n", with: " "))")
        let check = try RelayProcess([
            "simulate", "check", "--kafka", client.bootstrapServers[0], "--topic", topic, "--ledger", ledger,
        ])
        #expect(try await check.exitStatus(within: .seconds(60)) == .exited(0), "\(check.child.output.text)")
        proxy.signal(SIGTERM)
        _ = await proxy.exitStatus()
        for edge in edges { #expect(try await edge.terminate() == .exited(0)) }
        folder.remove()
    }

    /// The file in `deploy/` with the test's ports, and nginx's files in the test's folder.
    private static func configuration(
        _ file: String,
        port: Int,
        edges: [Int],
        _ folder: TemporaryDirectory
    ) throws -> String {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/\(file)")
        var text = try String(contentsOf: path, encoding: .utf8)
        let isNginx = file.hasPrefix("nginx")
        let old = isNginx ? "listen 8080;" : "bind :8080"
        let new = isNginx ? "listen 127.0.0.1:\(port);" : "bind 127.0.0.1:\(port)"
        for (old, new) in [(old, new)] + edges.enumerated().map({ ("127.0.0.1:\(8081 + $0)", "127.0.0.1:\($1)") }) {
            guard text.contains(old) else { throw TimeoutError(description: "\(file) does not say \(old)") }
            text = text.replacing(old, with: new)
        }
        guard isNginx else { return text }
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "    \($0)_temp_path \(folder.path)/\($0);\n" }.joined()
        return "daemon off;\npid \(folder.path)/nginx.pid;\n" + text.replacing("http {\n", with: "http {\n\(places)")
    }
}
