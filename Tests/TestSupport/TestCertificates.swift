import Foundation

/// An authority and the certificates that it has signed, made by the `openssl` program in a folder of their own. For
/// tests and benchmarks: the keys are P-256 and not encrypted.
package final class TestCertificates: Sendable {
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let folder: TemporaryDirectory
    package let authority: Pair

    /// Each authority has a key of its own, also under the same name.
    package init(authority name: String = "Test Authority") async throws {
        folder = try TemporaryDirectory("certificates")
        authority = Pair(certificate: folder.file("ca.pem"), key: folder.file("ca.key"))
        try await Self.make(authority, subject: "/CN=\(name)", ["-addext", "basicConstraints=critical,CA:TRUE"])
    }

    /// A certificate for this machine's loopback addresses, or for a client.
    package func certificate(
        _ name: String,
        days: Int = 30,
        names: String = "DNS:localhost,IP:127.0.0.1"
    ) async throws -> Pair {
        let pair = Pair(certificate: folder.file("\(name).pem"), key: folder.file("\(name).key"))
        try await Self.make(
            pair,
            subject: "/O=Tests/CN=\(name)",
            [
                "-CA", authority.certificate, "-CAkey", authority.key, "-days", String(days),
                "-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=CA:FALSE",
            ]
        )
        return pair
    }

    /// A certificate for loopback that ended yesterday. OpenSSL makes such only from a request.
    package func expiredCertificate(_ name: String) async throws -> Pair {
        let pair = Pair(certificate: folder.file("\(name).pem"), key: folder.file("\(name).key"))
        let (request, names) = (folder.file("\(name).csr"), folder.file("\(name).ext"))
        try folder.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n", to: "\(name).ext")
        try await Self.openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", pair.key, "-out",
            request, "-subj", "/O=Tests/CN=\(name)",
        ])
        try await Self.openssl([
            "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial",
            "-days", "-1", "-extfile", names, "-out", pair.certificate,
        ])
        return pair
    }

    /// A path in the same folder.
    package func file(_ name: String) -> String { folder.file(name) }

    private static func make(_ pair: Pair, subject: String, _ more: [String]) async throws {
        try await openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", pair.key, "-out", pair.certificate, "-subj", subject,
            ] + more
        )
    }

    private static func openssl(_ arguments: [String]) async throws {
        let openssl = try ChildProcess("openssl", arguments, environment: ProcessInfo.processInfo.environment)
        let status = await openssl.exitStatus()
        guard status == .exited(0) else {
            throw Failure(description: "openssl \(arguments[0]): \(status): \(openssl.errors.text)")
        }
    }
}
