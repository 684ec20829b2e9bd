import Foundation
import TestSupport

/// A server that is measured.
struct Contender: Sendable {
    let name: String
    var scheme = "http"
    let port: Int
    let child: ChildProcess

    /// User and system time of the server with all its threads, and of its own children (nginx's worker).
    var cpuSeconds: Double { usages.map(\.cpuSeconds).reduce(0, +) }
    var residentBytes: Int { usages.map(\.residentBytes).reduce(0, +) }

    func stop() async {
        child.signal(SIGTERM)
        _ = await child.exitStatus()
    }

    private var usages: [ProcessUsage] {
        let list = try? String(contentsOfFile: "/proc/\(child.pid)/task/\(child.pid)/children", encoding: .utf8)
        let children = (list ?? "").split(separator: " ").compactMap { Int32($0) }
        // The shell that watches over the process is a child as well, and never runs.
        return ([child.pid] + children).compactMap(ProcessUsage.init)
    }
}
