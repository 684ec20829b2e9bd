import Foundation
import TestSupport
import Testing

/// The built program behind a proxy of the distribution that names its clients by the PROXY protocol.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ProxyProtocolTests {
    private static let token = "secret_forProxyProtocol"

    @Test(
        .needsProgram("haproxy"),
        arguments: ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c"]
    )
    func `behind haproxy the client is who its header names, and its health checks pass`(option: String) async throws {
        try await check { port, edge in
            """
            defaults
                mode tcp
                timeout connect 2s
                timeout client 10s
                timeout server 10s
            frontend public
                bind 127.0.0.1:\(port)
                default_backend edge
            backend edge
                option httpchk GET /healthz
                http-check expect status 200
                server edge 127.0.0.1:\(edge) source 127.0.0.9 check inter 100ms check-send-proxy \(option)

            """
        }
    }

    /// The proxy comes from an address of its own, so that its client's differs.
    private func check(
        _ configuration: (_ port: Int, _ edge: Int) -> String
    ) async throws {
        let folder = try TemporaryDirectory("proxy-protocol")
        let edge = try Self.edge(["--proxy-protocol", "required", "--trusted-proxies", "127.0.0.9"])
        try await edge.waitUntilReady()
        let port = FreePort.next()
        try folder.write(configuration(port, edge.port), to: "proxy.conf")
        let environment = ProcessInfo.processInfo.environment
        let proxy = try ChildProcess(
            "haproxy",
            ["-db", "-f", folder.file("proxy.conf")],
            environment: environment.merging(["PATH": (environment["PATH"] ?? "") + ":/usr/sbin"]) { _, given in given }
        )
        try await eventually(within: .seconds(20), "haproxy in front of an edge") {
            guard proxy.isRunning else { throw TimeoutError(description: proxy.errors.tail()) }
            return await LoopbackConnection.get(port: port, "/healthz")?.status == 200 ? true : nil
        }
        let client = try #require(LoopbackConnection(port: port))
        await client.send(SignedDelivery(token: "secret_ofSomebodyElse").request(path: "/notion/webhooks"))
        let line = try await edge.child.errors.waitForLine(containing: "bad_signature")
        #expect(line.contains("\"client\":\"127.0.0.1:"), "\(line)")
        await client.send(
            SignedDelivery(token: Self.token).request(path: "/notion/webhooks", fields: ["Connection: close"])
        )
        let answers = await client.receiveAll().text
        #expect(answers.contains("HTTP/1.1 401 ") && answers.contains("HTTP/1.1 200 OK"), "\(answers)")
        for reason in ["proxy_protocol_missing", "bad_proxy_protocol", "proxy_protocol_untrusted"] {
            #expect(await edge.metric("notion_relay_refused_requests_total{reason=\"\(reason)\"}") == 0)
        }
        // Past the proxy nobody gets in.
        #expect(await LoopbackConnection.get(port: edge.port, "/healthz") == nil)
        let refusal = try await edge.child.errors.waitForLine(containing: "proxy_protocol_untrusted")
        #expect(refusal.contains("not in --trusted-proxies"))
        proxy.signal(SIGTERM)
        _ = await proxy.exitStatus()
        #expect(try await edge.terminate() == .exited(0))
        folder.remove()
    }

    @Test func `a header that nobody asked for, and one that is missing, are told with the setting`() async throws {
        for (flags, bytes) in [
            ([], "PROXY TCP4 192.0.2.7 192.0.2.9 51234 8080\r\n"), ([], "\r\n\r\n\u{0}\r\nQUIT\n"),
            (["--proxy-protocol", "required", "--trusted-proxies", "127.0.0.0/8"], "GET / HTTP/1.1\r\n"),
        ] {
            let edge = try Self.edge(flags)
            try await edge.waitUntilReady()
            let client = try #require(LoopbackConnection(port: edge.port))
            await client.send(bytes)
            let answer = await client.receiveAll().text
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("--proxy-protocol"), "\(answer)")
            try await edge.child.errors.waitForLine(containing: "--proxy-protocol")
            #expect(try await edge.terminate() == .exited(0))
        }
    }

    @Test func `a header without proxies to believe is refused before anything starts`() async throws {
        let edge = try Self.edge(["--proxy-protocol", "required"])
        #expect(try await edge.exitStatus() == .exited(2))
        let lines = edge.child.errors.text.split(separator: "\n")
        #expect(lines.count { $0.contains(" needs --trusted-proxies beside it") } == 1, "\(lines)")
    }

    private static func edge(_ more: [String]) throws -> RelayProcess {
        let (port, operations) = (FreePort.next(), FreePort.next())
        return try RelayProcess(
            ["dev", "--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)", "--log-format", "json"]
                + more,
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": token],
            port: port,
            operationsPort: operations
        )
    }
}
