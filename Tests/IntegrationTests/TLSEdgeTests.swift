import Foundation
import TestSupport
import Testing

/// The built program behind its own certificate. The embedded cluster serves: nothing durable is asked for here.
@Suite(.serialized, .timeLimit(.minutes(2)), .needsProgram("openssl"))
struct TLSEdgeTests {
    private let certificates: TestCertificates
    private let token = "secret_tls_test"

    init() async throws {
        certificates = try await TestCertificates()
    }

    private var live: TestCertificates.Pair {
        TestCertificates.Pair(certificate: certificates.file("live.pem"), key: certificates.file("live.key"))
    }

    private func replace(_ path: String, by source: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: source))
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func edge(_ more: [String] = []) throws -> RelayProcess {
        let (port, operations) = (FreePort.next(), FreePort.next())
        return try RelayProcess(
            [
                "dev", "--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)",
                "--tls-certificate-file", live.certificate, "--tls-key-file", live.key,
            ] + more,
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": token],
            port: port,
            operationsPort: operations
        )
    }

    /// Whether deliveries over https, verified against an authority, were all taken.
    private func deliver(to edge: RelayProcess, trusting authority: String) async throws -> Bool {
        let ledger = certificates.file("ledger-\(UUID().uuidString).jsonl")
        let simulator = try RelayProcess(
            [
                "simulate", "deliver", "--url", "https://localhost:\(edge.port)/notion/webhooks", "--count", "50",
                "--ca-file", authority, "--ledger", ledger, "--deadline", "3s", "--time-scale", "0",
            ],
            environment: ["NOTION_RELAY_SIMULATE_TOKEN": token]
        )
        return try await simulator.exitStatus() == .exited(0)
    }

    @Test func `deliveries come over TLS, and a renewed certificate is taken over without a restart`() async throws {
        let first = try await certificates.certificate("first")
        try replace(live.certificate, by: first.certificate)
        try replace(live.key, by: first.key)
        let edge = try edge()
        try await edge.waitUntilReady()
        #expect(try await deliver(to: edge, trusting: certificates.authority.certificate))
        let others = try await TestCertificates()
        #expect(try await !deliver(to: edge, trusting: others.authority.certificate))
        #expect(await edge.metric("notion_relay_tls_handshakes_total{result=\"failed\"}") > 0)

        let second = try await others.certificate("second", days: 90)
        try replace(live.certificate, by: second.certificate)
        try await edge.child.errors.waitForLine(containing: "the key is not that of \(live.certificate)")
        #expect(try await deliver(to: edge, trusting: certificates.authority.certificate))
        try replace(live.key, by: second.key)
        try await edge.child.errors.waitForLine(containing: "tls_certificate_loaded")
        #expect(try await deliver(to: edge, trusting: others.authority.certificate))
        let ends = "notion_relay_tls_certificate_not_after_timestamp_seconds{port=\"public\"}"
        #expect(await edge.metric(ends) > Date.now.timeIntervalSince1970 + 80 * 86_400)
        #expect(await edge.metric("notion_relay_tls_reloads_total{port=\"public\",result=\"refused\"}") == 1)
        #expect(try await edge.terminate() == .exited(0))
    }

    @Test(.needsProgram("curl"))
    func `the operations port asks for a client's certificate if it is told to`() async throws {
        let server = try await certificates.certificate("first")
        let prober = try await certificates.certificate("prober")
        try replace(live.certificate, by: server.certificate)
        try replace(live.key, by: server.key)
        let edge = try edge([
            "--operations-tls-certificate-file", server.certificate, "--operations-tls-key-file", server.key,
            "--operations-tls-client-ca-file", certificates.authority.certificate,
        ])
        let url = "https://localhost:\(edge.operationsPort)/livez"
        let authority = certificates.authority.certificate
        @Sendable func probe(_ more: [String]) async throws -> String {
            let curl = try ChildProcess(
                "curl",
                ["--silent", "--cacert", authority, url] + more,
                environment: ProcessInfo.processInfo.environment
            )
            return await curl.exitStatus() == .exited(0) ? curl.output.text : "refused"
        }
        try await eventually(within: .seconds(30), "an answer over TLS") {
            try await probe(["--cert", prober.certificate, "--key", prober.key]) == "{\"live\":true}" ? true : nil
        }
        #expect(try await probe([]) == "refused")
        #expect(try await edge.terminate() == .exited(0))
    }

    @Test func `plain HTTP at the TLS port is in the log with what to do`() async throws {
        let first = try await certificates.certificate("first")
        try replace(live.certificate, by: first.certificate)
        try replace(live.key, by: first.key)
        let edge = try edge()
        try await edge.waitUntilReady()
        let answer = await LoopbackConnection.get(port: edge.port, "/notion/webhooks")
        #expect(answer?.status == 400)
        let line = try await edge.child.errors.waitForLine(containing: "plaintext_on_tls_port")
        #expect(line.contains("\"client\":\"127.0.0.1:"))
        #expect(line.contains("the sender's URL must begin with https"))
        #expect(try await edge.terminate() == .exited(0))
    }

    @Test(arguments: [
        (["--tls-certificate-file", "CERT"], ") needs --tls-key-file beside it"),
        (["--tls-client-ca-file", "CERT"], ") needs --tls-certificate-file: it is part of TLS"),
        (["--tls-certificate-file", "CERT", "--tls-key-file", "CERT"], "no private key can be read ("),
        (["--tls-certificate-file", "CERT", "--tls-key-file", "/none"], "/none: No such file or directory"),
    ])
    func `what is wrong with the files is said before anything starts`(flags: [String], text: String) async throws {
        let pair = try await certificates.certificate("one")
        let edge = try RelayProcess(
            ["dev", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0"]
                + flags.map { $0 == "CERT" ? pair.certificate : $0 }
        )
        #expect(try await edge.exitStatus() == .exited(2))
        #expect(edge.child.errors.text.contains(text), "\(edge.child.errors.text)")
    }
}
