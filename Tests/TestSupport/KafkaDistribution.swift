import Foundation

/// An Apache Kafka 4.x archive on this machine: `$KAFKA_HOME/libs/*.jar`, run by Java 17 or newer.
package struct KafkaDistribution: Sendable {
    package let home: String
    let java: String
    /// Such as "4.1.0", from the name of the broker's archive.
    package let version: String

    /// The distribution that `$KAFKA_HOME` names, or why there is none.
    package static let installed: Result<KafkaDistribution, KafkaMissing> = find(ProcessInfo.processInfo.environment)

    static func find(_ environment: [String: String]) -> Result<KafkaDistribution, KafkaMissing> {
        guard let home = environment["KAFKA_HOME"], !home.isEmpty else {
            return .failure(KafkaMissing(description: "KAFKA_HOME is not set"))
        }
        let jars = (try? FileManager.default.contentsOfDirectory(atPath: "\(home)/libs")) ?? []
        guard let jar = jars.first(where: { $0.hasPrefix("kafka_2.13-4.") && $0.hasSuffix(".jar") }) else {
            return .failure(KafkaMissing(description: "KAFKA_HOME has no Apache Kafka 4.x in libs/"))
        }
        let folders =
            (environment["JAVA_HOME"].map { ["\($0)/bin"] } ?? [])
            + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let candidates = folders.map { "\($0)/java" }
        guard let java = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            return .failure(KafkaMissing(description: "there is no java on PATH"))
        }
        let version = jar.dropFirst("kafka_2.13-".count).dropLast(".jar".count)
        return .success(KafkaDistribution(home: home, java: java, version: String(version)))
    }

    /// Starts a Java program of the distribution.
    func run(
        _ mainClass: String,
        _ arguments: [String],
        options: [String],
        directory: TemporaryDirectory
    ) throws -> ChildProcess {
        let common = [
            "-cp", "\(home)/libs/*", "-Dlog4j2.configurationFile=\(directory.file("log4j2.properties"))",
            "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true",
        ]
        return try ChildProcess(
            java,
            options + common + [mainClass] + arguments,
            environment: ProcessInfo.processInfo.environment,
            directory: directory.path
        )
    }
}

/// Why no real Kafka can be started here.
package struct KafkaMissing: Error, CustomStringConvertible {
    package let description: String
}
