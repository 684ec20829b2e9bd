import Foundation
import TestSupport

/// What took part in the run.
struct Versions: Codable, Sendable {
    let nginx: String
    let kafka: String
    let processors: Int
    let processor: String

    static func found() async throws -> Versions {
        let environment = ProcessInfo.processInfo.environment
        let nginx = try ChildProcess(
            "nginx",
            ["-v"],
            environment: ["PATH": (environment["PATH"] ?? "") + ":/usr/sbin"]
        )
        let line = try await nginx.errors.waitForLine(containing: "nginx/")
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = cpu.split(separator: "\n").first { $0.hasPrefix("model name") }
        return Versions(
            nginx: String(line.split(separator: "/").last ?? ""),
            kafka: (try? KafkaDistribution.installed.get().version) ?? "none",
            processors: ProcessInfo.processInfo.activeProcessorCount,
            processor: model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
        )
    }
}
