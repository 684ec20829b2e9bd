import Foundation
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.needsProgram("openssl"))
struct TLSIdentityTests {
    private let certificates: TestCertificates
    private let live: TLSFiles

    /// Files that stand for those of an operator, with a first pair in them.
    init() async throws {
        certificates = try await TestCertificates()
        live = TLSFiles(certificate: certificates.file("live.pem"), key: certificates.file("live.key"))
        try put(await certificates.certificate("first"))
    }

    private func put(_ pair: TestCertificates.Pair) throws {
        try replace(live.certificate, by: pair.certificate)
        try replace(live.key, by: pair.key)
    }

    private func replace(_ path: String, by source: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: source, toPath: path)
    }

    @Test func `a renewed pair is for new connections, open ones go on with theirs`() async throws {
        let identity = try TLSIdentity(live)
        // The old connection waits while keys are made.
        let served = try ScriptedServer(tls: identity) { $0.headDeadlineMilliseconds = 600_000 }
        defer { served.stop() }
        var options = TLSClientSession.Options(authority: certificates.authority.certificate)
        let old = try served.client(tls: options)
        #expect(identity.refresh() == .unchanged)
        let end = identity.notAfter
        // Another authority's: whoever trusts only the first one notices.
        let renewed = try await TestCertificates()
        try put(await renewed.certificate("second", days: 60))
        #expect(identity.refresh() == .loaded)
        #expect(identity.refresh() == .unchanged)
        #expect(identity.notAfter > end + 29 * 86_400)
        #expect(throws: TLSClientSession.Failure.self) { try served.client(tls: options) }
        options.authority = renewed.authority.certificate
        let new = try served.client(tls: options)
        for client in [old, new] {
            client.send("GET /client HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().status == 200)
            client.close()
        }
    }

    @Test func `a pair that does not fit is refused once, and the old one stays until a good one comes`() async throws {
        let identity = try TLSIdentity(live)
        let second = try await certificates.certificate("second")
        try replace(live.certificate, by: second.certificate)
        let mismatch = TLSError(file: live.key, reason: "the key is not that of \(live.certificate)")
        #expect(identity.refresh() == .refused(mismatch))
        #expect(identity.refresh() == .unchanged)
        let served = try ScriptedServer(tls: identity)
        defer { served.stop() }
        let client = try served.client(tls: TLSClientSession.Options(authority: certificates.authority.certificate))
        client.close()
        try replace(live.key, by: second.key)
        #expect(identity.refresh() == .loaded)
    }

    @Test func `half a file, or none, is refused with what to do`() throws {
        let identity = try TLSIdentity(live)
        let text = try String(contentsOfFile: live.certificate, encoding: .utf8)
        try String(text.prefix(200)).write(toFile: live.certificate, atomically: true, encoding: .utf8)
        guard case .refused(let half) = identity.refresh() else {
            Issue.record("half a certificate was taken")
            return
        }
        #expect(half.file == live.certificate)
        #expect(half.reason.hasPrefix("no certificate can be read ("))
        #expect(half.reason.hasSuffix("); PEM is wanted, the server's own first"))
        try FileManager.default.removeItem(atPath: live.key)
        #expect(identity.refresh() == .refused(TLSError(file: live.key, reason: "No such file or directory")))
        #expect(identity.refresh() == .unchanged)
    }

    @Test func `a key with a passphrase is an error and asks nobody`() async throws {
        let locked = certificates.file("locked.key")
        let openssl = try ChildProcess(
            "openssl",
            ["ec", "-in", live.key, "-aes128", "-passout", "pass:secret", "-out", locked],
            environment: ProcessInfo.processInfo.environment
        )
        #expect(await openssl.exitStatus() == .exited(0))
        let error = #expect(throws: TLSError.self) {
            try TLSIdentity(TLSFiles(certificate: live.certificate, key: locked))
        }
        #expect(error?.file == locked)
        #expect(error?.reason.hasSuffix("PEM without a passphrase is wanted") == true)
    }

    @Test func `a key that everybody can read is known`() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: live.key)
        #expect(try !TLSIdentity(live).isKeyReadableByAll)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: live.key)
        #expect(try TLSIdentity(live).isKeyReadableByAll)
    }

    @Test func `authorities of clients must be certificates`() throws {
        let files = TLSFiles(certificate: live.certificate, key: live.key, clientCA: live.key)
        let error = #expect(throws: TLSError.self) { try TLSIdentity(files) }
        #expect(error?.file == live.key)
        #expect(error?.reason.hasPrefix("no certificate authority can be read (") == true)
    }
}
