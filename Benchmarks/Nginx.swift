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
