import Foundation
import TestSupport

/// A certificate of this run: P-256, signed by itself.
struct Certificate: Sendable {
    let certificatePath: String
    let keyPath: String

    static func make(in folder: TemporaryDirectory) async throws -> Certificate {
        let made = Certificate(certificatePath: folder.file("bench.crt"), keyPath: folder.file("bench.key"))
        let openssl = try ChildProcess(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", made.keyPath, "-out", made.certificatePath,
            ],
            environment: ProcessInfo.processInfo.environment
        )
        guard await openssl.exitStatus() == .exited(0) else {
            throw BenchmarkFailure(description: "openssl made no certificate: \(openssl.errors.tail())")
        }
        return made
    }

    /// What a client and the server on this port agree on, as `TLSv1.3, TLS_AES_256_GCM_SHA384`.
    static func agreement(onPort port: Int) async throws -> (version: String, cipher: String) {
        let openssl = try ChildProcess(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(port)", "-tls1_3"],
            environment: ProcessInfo.processInfo.environment
        )
        let line = try await openssl.output.waitForLine("the cipher of port \(port)") { $0.contains("Cipher is ") }
        _ = await openssl.exitStatus()
        let words = line.split { " ,".contains($0) }.map(String.init)
        guard words.count > 2, let cipher = words.last else {
            throw BenchmarkFailure(description: "openssl said: \(line)")
        }
        return (words.first { $0.hasPrefix("TLSv") } ?? words[0], cipher)
    }
}
