import Foundation
import TestSupport

/// Debian's nginx: one worker that answers 200 to everything, and writes no log.
enum Nginx {
    /// TLS 1.3 with this certificate and this cipher only.
    struct Secure {
        let certificate: Certificate
        let cipher: String
    }

    static func start(folder: TemporaryDirectory, secure: Secure? = nil) async throws -> Contender {
        let port = FreePort.next()
        let name = secure == nil ? "nginx" : "nginx-tls"
        let file = "\(name)-\(port)"
        try folder.write(configuration(port: port, path: folder.file(file), secure: secure), to: "\(file).conf")
        let environment = ProcessInfo.processInfo.environment
        let path = (environment["PATH"] ?? "") + ":/usr/sbin"
        let child = try ChildProcess(
            "nginx",
            ["-p", folder.path, "-e", folder.file("\(file).err"), "-c", folder.file("\(file).conf")],
            environment: environment.merging(["PATH": path]) { _, given in given }
        )
        try await eventually(within: .seconds(10), "nginx on its port") { () -> Bool? in
            guard child.isRunning else {
                throw BenchmarkFailure(description: "nginx ended: \(child.errors.tail())")
            }
            return LoopbackConnection(port: port) == nil ? nil : true
        }
        return Contender(name: name, scheme: secure == nil ? "http" : "https", port: port, child: child)
    }

    private static func configuration(port: Int, path: String, secure: Secure?) -> String {
        """
        daemon off;
        worker_processes 1;
        pid \(path).pid;
        events { worker_connections 16384; }
        http {
            access_log off;
            keepalive_requests 1000000000;
            keepalive_timeout 3600s;
            client_body_temp_path \(path).body;
            proxy_temp_path \(path).proxy;
            fastcgi_temp_path \(path).fastcgi;
            uwsgi_temp_path \(path).uwsgi;
            scgi_temp_path \(path).scgi;
            server {
                listen 127.0.0.1:\(port)\(secure == nil ? "" : " ssl") backlog=4096;
        \(secure.map(lines) ?? "")
                location / { return 200 "ok"; }
            }
        }

        """
    }

    private static func lines(_ secure: Secure) -> String {
        """
                ssl_certificate \(secure.certificate.certificatePath);
                ssl_certificate_key \(secure.certificate.keyPath);
                ssl_protocols TLSv1.3;
                ssl_conf_command Ciphersuites \(secure.cipher);
        """
    }
}

/// A certificate for this run: P-256, self-signed.
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

    /// What a client and the server on this port negotiate, as `TLSv1.3, TLS_AES_256_GCM_SHA384`.
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
