import Foundation
import TestSupport
import Testing

/// One broker, one edge, the simulator's load with its ledger, and the check that reads the topic against it. All are
/// processes of their own, used through the command line as a person would.
struct EdgeStory {
    static let token = "secret_forTheEdgeStory"

    /// `make soak` runs the full size, `make test` a tenth.
    static let isFull = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SOAK"] == "1"
    static let deliveries = isFull ? 200_000 : 20_000

    let node: KafkaNode
    let directory: TemporaryDirectory
    let ledger: String
    let port = FreePort.next()
    let operationsPort = FreePort.next()

    static func begin() async throws -> EdgeStory {
        let directory = try TemporaryDirectory("edge-story")
        let node = try await KafkaNode.start()
        let story = EdgeStory(node: node, directory: directory, ledger: directory.file("ledger.jsonl"))
        #expect(try await story.run(["topics", "apply", "--kafka", node.bootstrapServers]).exitStatus() == .exited(0))
        return story
    }

    func end() async {
        await node.kill()
        directory.remove()
    }

    func run(_ arguments: [String]) throws -> RelayProcess { try RelayProcess(arguments) }

    /// A replica on the story's ports; another one may take them over later.
    func edge(_ arguments: [String] = []) async throws -> RelayProcess {
        let edge = try RelayProcess.receive(
            kafka: node.bootstrapServers,
            token: Self.token,
            port: port,
            operationsPort: operationsPort,
            arguments: arguments
        )
        try await edge.waitUntilReady()
        return edge
    }

    func deliver(count: Int = deliveries, seed: Int, _ arguments: [String] = []) throws -> RelayProcess {
        try run(
            [
                "simulate", "deliver", "--url", "http://127.0.0.1:\(port)/notion/webhooks", "--token", Self.token,
                "--count", String(count), "--entities", "5000", "--seed", String(seed), "--connections", "64",
                "--ledger", ledger,
            ] + arguments
        )
    }

    /// Waits until the edge has answered this many deliveries with 200.
    func published(_ count: Int, by edge: RelayProcess) async throws {
        try await eventually(within: .seconds(120), "\(count) published deliveries") {
            let lines = await edge.metrics().split(separator: "\n")
            let published = lines.filter {
                $0.hasPrefix("notion_relay_deliveries_total{") && $0.contains(#"outcome="published""#)
            }
            let sum = published.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
            return Int(sum) >= count ? true : nil
        }
    }

    /// The ledger against the topic: exit 0, or the check's own words as the failure.
    func expectEveryAcknowledgedDeliveryInTheTopic(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let check = try run([
            "simulate", "check", "--kafka", node.bootstrapServers, "--topic", "notion.events.v1", "--ledger", ledger,
        ])
        let status = try await check.exitStatus(within: .seconds(300))
        let words = check.child.output.text + check.child.errors.tail()
        #expect(status == .exited(0), "simulate check: \(words)", sourceLocation: sourceLocation)
    }
}
