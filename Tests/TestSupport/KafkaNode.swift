import Foundation
import Synchronization

/// One node of a real Kafka cluster (KRaft, broker and controller in one) on loopback ports that were free.
///
/// The node keeps its ports and its data over `kill` and `restart`; both are freed with the object.
package final class KafkaNode: Sendable {
    package let id: Int
    package let port: Int
    let controllerPort: Int

    private let distribution: KafkaDistribution
    private let directory: TemporaryDirectory
    private let heapMegabytes: Int
    private let child = Mutex<ChildProcess?>(nil)

    /// Starts a cluster of one node and waits until it serves. `{port}` and `{controllerPort}` in the properties stand
    /// for the node's own.
    package static func start(
        heapMegabytes: Int = 384,
        properties: [String: String] = [:]
    ) async throws -> KafkaNode {
        let cluster = try await KafkaCluster.start(nodes: 1, heapMegabytes: heapMegabytes, properties: properties)
        return cluster.nodes[0]
    }

    init(id: Int, distribution: KafkaDistribution, heapMegabytes: Int) throws {
        self.id = id
        self.port = FreePort.next()
        self.controllerPort = FreePort.next()
        self.distribution = distribution
        self.heapMegabytes = heapMegabytes
        self.directory = try TemporaryDirectory("kafka-\(id)")
    }

    deinit { child.withLock { $0 }?.signal(SIGKILL) }

    package var bootstrapServers: String { "127.0.0.1:\(port)" }
    package var isRunning: Bool { child.withLock { $0?.isRunning ?? false } }
    package var pid: Int32? { child.withLock { $0?.pid } }

    /// The end of what the node logged, for the message of a failed test.
    package var recentLog: String { child.withLock { $0?.output.tail() } ?? "" }

    /// Ends the node at once, as a crash would, and waits until it is gone. Its files are left as they are.
    package func kill() async {
        await end(SIGKILL)
    }

    /// Asks the node to shut down cleanly, and waits until it has.
    package func terminate() async {
        await end(SIGTERM)
    }

    /// Stops the node's process without ending it: connections stay open and get no answer.
    package func freeze() { child.withLock { $0 }?.signal(SIGSTOP) }

    /// Continues a frozen node.
    package func thaw() { child.withLock { $0 }?.signal(SIGCONT) }

    /// Starts the node again on its ports and data, and waits until it serves.
    package func restart(within limit: Duration = .seconds(60)) async throws {
        try launch()
        try await waitUntilServing(within: limit)
    }

    private func end(_ signal: Int32) async {
        guard let running = child.withLock({ $0 }) else { return }
        running.signal(signal)
        _ = await running.exitStatus()
    }

    /// Prepares the node's storage; needed once, before the first launch.
    func format(clusterID: String, voters: String, nodes: Int, properties: [String: String]) async throws {
        try directory.write(Self.logging, to: "log4j2.properties")
        let lines = self.properties(voters: voters, nodes: nodes, dataPath: directory.file("data"))
        let ports = ["{port}": String(port), "{controllerPort}": String(controllerPort)]
        let given = properties.mapValues { value in
            ports.reduce(value) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
        }
        let text = lines.merging(given) { _, given in given }.map { "\($0.key)=\($0.value)\n" }.sorted().joined()
        try directory.write(text, to: "server.properties")
        let tool = try distribution.run(
            "kafka.tools.StorageTool",
            ["format", "-t", clusterID, "-c", directory.file("server.properties")],
            options: ["-XX:TieredStopAtLevel=1", "-Xmx128m"],
            directory: directory
        )
        guard await tool.exitStatus() == .exited(0) else {
            let log = tool.output.tail() + tool.errors.tail()
            throw KafkaMissing(description: "the storage could not be formatted: \(log)")
        }
    }

    func launch() throws {
        precondition(!isRunning, "a node that runs cannot be launched again")
        let started = try distribution.run(
            "kafka.Kafka",
            [directory.file("server.properties")],
            options: [
                "-Xms128m", "-Xmx\(heapMegabytes)m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
                "-XX:+ExitOnOutOfMemoryError", "-Dkafka.logs.dir=\(directory.path)",
            ],
            directory: directory
        )
        child.withLock { $0 = started }
    }

    /// Runs one of Kafka's own command line tools against this node, by its class; returns what it printed.
    package func tool(_ mainClass: String, _ arguments: [String]) async throws -> [String] {
        let tool = try distribution.run(
            mainClass.contains(".") ? mainClass : "org.apache.kafka.tools.\(mainClass)",
            ["--bootstrap-server", bootstrapServers] + arguments,
            options: ["-XX:TieredStopAtLevel=1", "-Xmx128m"],
            directory: directory
        )
        guard await tool.exitStatus() == .exited(0) else {
            throw KafkaMissing(description: "\(mainClass) failed: \(tool.output.tail()) \(tool.errors.tail())")
        }
        return tool.output.all
    }

    /// Every launch has its own log, so the line is from the newest one.
    func waitUntilServing(within limit: Duration = .seconds(60)) async throws {
        guard let running = child.withLock({ $0 }) else { return }
        try await running.output.waitForLine(containing: "Kafka Server started", within: limit)
    }

    /// The node's server properties: they make a cluster quick to start, to fail over and to clean up, and
    /// do not weaken what an acknowledgement means.
    private func properties(voters: String, nodes: Int, dataPath: String) -> [String: String] {
        let replicas = String(min(nodes, 3))
        let inSync = nodes >= 3 ? "2" : "1"
        var properties = [
            "process.roles": "broker,controller",
            "node.id": String(id),
            "controller.quorum.voters": voters,
            "listeners": "PLAINTEXT://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(controllerPort)",
            "advertised.listeners": "PLAINTEXT://127.0.0.1:\(port)",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": dataPath,
            "auto.create.topics.enable": "false",
            "num.network.threads": "2",
            "num.io.threads": "4",
            "default.replication.factor": replicas,
            "min.insync.replicas": inSync,
        ]
        for kind in ["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"] {
            properties["\(kind).replication.factor"] = replicas
            properties["\(kind).num.partitions"] = "4"
        }
        properties["transaction.state.log.min.isr"] = inSync
        properties["share.coordinator.state.topic.min.isr"] = inSync
        return properties.merging(Self.quick) { own, _ in own }
    }

    private static let quick = [
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "controller.quorum.election.timeout.ms": "500",
        "controller.quorum.election.backoff.max.ms": "300",
        "controller.quorum.fetch.timeout.ms": "1500",
    ]

    private static let logging = """
        status = error
        appender.console.type = Console
        appender.console.name = console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{ISO8601} %p %m (%c{1})%n
        rootLogger.level = info
        rootLogger.appenderRef.console.ref = console

        """
}
