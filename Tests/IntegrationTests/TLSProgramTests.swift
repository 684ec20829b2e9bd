import Foundation
import HTTPServer
import TestSupport
import Testing

/// What a stranger with OpenSSL's own client sees of a port: the questions that TLS scanners ask.
@Suite(.needsProgram("openssl"))
struct TLSProgramTests {
    private final class Refusing: ExchangeHandler {
        func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
            .refuse(ResponseHead(status: 404), [])
        }
        func handle(_ request: borrowing Request, _ exchange: Exchange) {}
        func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
        func abandoned(_ exchange: Exchange) {}
    }

    /// What `openssl s_client` prints when it is given a line to send.
    private func report(_ options: String, sending line: String = "Q") async throws -> String {
        let certificates = try await TestCertificates()
        let pair = try await certificates.certificate("server")
        let identity = try TLSIdentity(TLSFiles(certificate: pair.certificate, key: pair.key))
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = Server(address: address, tls: identity) { _ in Refusing() }
        try server.start()
        defer { _ = server.drain(within: .seconds(5)) }
        let command =
            "printf '\(line)\\n' | openssl s_client -connect 127.0.0.1:\(server.port)"
            + " -CAfile \(certificates.authority.certificate) \(options) 2>&1"
        let client = try ChildProcess("sh", ["-c", command], environment: ProcessInfo.processInfo.environment)
        _ = await client.exitStatus()
        return client.output.text
    }

    @Test(arguments: [
        ("-tls1_3", "New, TLSv1.3, Cipher is TLS_"),
        ("-tls1_2", "New, TLSv1.2, Cipher is ECDHE-ECDSA-"),
        ("-tls1_2", "Secure Renegotiation IS supported"),
        ("-tls1_2", "Compression: NONE"),
        ("-tls1_2 -curves P-256", "Server Temp Key: ECDH, prime256v1"),
        ("-curves X25519", "Server Temp Key: X25519"),
        ("-alpn h2,http/1.1", "ALPN protocol: http/1.1"),
        ("-noservername", "Verify return code: 0 (ok)"),
        ("-tls1_1 -cipher ALL:@SECLEVEL=0", "Cipher is (NONE)"),
        ("-tls1 -cipher ALL:@SECLEVEL=0", "Cipher is (NONE)"),
        ("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", "Cipher is (NONE)"),
        ("-tls1_2 -cipher AES128-GCM-SHA256", "Cipher is (NONE)"),
        ("-tls1_2 -cipher aNULL:@SECLEVEL=0", "Cipher is (NONE)"),
        ("-tls1_2 -curves P-521", "Cipher is (NONE)"),
        ("-alpn h2", "no application protocol"),
    ])
    func `a scanner's question has the answer of a sound server`(options: String, text: String) async throws {
        let report = try await report(options)
        #expect(report.contains(text), "\(report)")
    }

    @Test func `a client cannot renegotiate`() async throws {
        let report = try await report("-tls1_2", sending: "R")
        #expect(report.contains("RENEGOTIATING"))
        #expect(report.contains("no renegotiation"), "\(report)")
    }
}
