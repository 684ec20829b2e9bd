import Foundation
import TestSupport

/// A server that is measured.
struct Contender: Sendable {
    let name: String
    let port: Int
    let child: ChildProcess

    /// User and system time of the server with all its threads, and of its own children (nginx's worker).
    var cpuSeconds: Double { usages.map(\.cpuSeconds).reduce(0, +) }
    var residentBytes: Int { usages.map(\.residentBytes).reduce(0, +) }

    private var usages: [ProcessUsage] {
        let list = try? String(contentsOfFile: "/proc/\(child.pid)/task/\(child.pid)/children", encoding: .utf8)
        let children = (list ?? "").split(separator: " ").compactMap { Int32($0) }
        // The shell that watches over the process is a child as well, and never runs.
        return ([child.pid] + children).compactMap(ProcessUsage.init)
    }
}

/// Debian's nginx: one worker that answers 200 to everything, and writes no log.
enum Nginx {
    static func start(folder: TemporaryDirectory) async throws -> Contender {
        let port = FreePort.next()
        try folder.write(configuration(port: port, path: folder.path), to: "nginx.conf")
        let environment = ProcessInfo.processInfo.environment
        let path = (environment["PATH"] ?? "") + ":/usr/sbin"
        let child = try ChildProcess(
            "nginx",
            ["-p", folder.path, "-e", folder.file("nginx.err"), "-c", folder.file("nginx.conf")],
            environment: environment.merging(["PATH": path]) { _, given in given }
        )
        try await eventually(within: .seconds(10), "nginx on its port") { () -> Bool? in
            guard child.isRunning else {
                throw BenchmarkFailure(description: "nginx ended: \(child.errors.tail())")
            }
            return LoopbackConnection(port: port) == nil ? nil : true
        }
        return Contender(name: "nginx", port: port, child: child)
    }

    private static func configuration(port: Int, path: String) -> String {
        """
        daemon off;
        worker_processes 1;
        pid \(path)/nginx.pid;
        events { worker_connections 4096; }
        http {
            access_log off;
            keepalive_requests 1000000000;
            client_body_temp_path \(path)/body;
            proxy_temp_path \(path)/proxy;
            fastcgi_temp_path \(path)/fastcgi;
            uwsgi_temp_path \(path)/uwsgi;
            scgi_temp_path \(path)/scgi;
            server {
                listen 127.0.0.1:\(port) backlog=4096;
                location / { return 200 "ok"; }
            }
        }

        """
    }
}
