import Foundation
import TestSupport

/// What took part in the run.
struct Versions: Codable, Sendable {
    let nginx: String
    let kafka: String
    let processors: Int
    let processor: String
    /// Threads that wanted to run in the minute before, on average: what others did on the machine.
    let loadBefore: Double

    /// Asked before the run, so that the load is not the run's own.
    static func found() async throws -> Versions {
        let environment = ProcessInfo.processInfo.environment
        let nginx = try ChildProcess(
            "nginx",
            ["-v"],
            environment: ["PATH": (environment["PATH"] ?? "") + ":/usr/sbin"]
        )
        let line = try await nginx.errors.waitForLine(containing: "nginx/")
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let model = cpu.split(separator: "\n").first { $0.hasPrefix("model name") }
        return Versions(
            nginx: String(line.split(separator: "/").last ?? ""),
            kafka: (try? KafkaDistribution.installed.get().version) ?? "none",
            processors: ProcessInfo.processInfo.activeProcessorCount,
            processor: model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown",
            loadBefore: load.split(separator: " ").first.flatMap { Double($0) } ?? 0
        )
    }
}
