import Foundation
import Kafka
import Simulator
import TestSupport
import Testing

/// The edge at a real broker while its rights and its topics' settings change.
@Suite(.needsKafka, .timeLimit(.minutes(5)))
struct KafkaAccessTests {
    private static let token = "secret_accessOfTheTests000000000000000000000"

    private struct Edge {
        let process: RelayProcess

        func answer(_ body: String? = nil) async -> (status: String, body: String) {
            guard let connection = LoopbackConnection(port: process.port) else { return ("", "") }
            let delivery = body.map { SignedDelivery(token: token, body: $0) } ?? SignedDelivery(token: token)
            await connection.send(delivery.request(path: "/notion/webhooks", fields: ["Connection: close"]))
            let text = await connection.receiveAll(within: .seconds(15)).text
            let status = text.split(separator: " ").dropFirst().first.map { String($0) } ?? ""
            return (status, text.components(separatedBy: "\r\n\r\n").dropFirst().joined())
        }

        func lines(_ event: String) -> [String] { process.child.errors.all.filter { $0.contains("\"\(event)\"") } }

        func readiness() async -> String {
            await LoopbackConnection.get(port: process.operationsPort, "/readyz")?.body ?? ""
        }
    }

    private static func edge(_ login: [String], _ more: [String] = []) throws -> Edge {
        let (port, operations) = (FreePort.next(), FreePort.next())
        let topics = ["--topic", "events", "--dead-letter-topic", "letters"]
        let listen = ["--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)"]
        return Edge(
            process: try RelayProcess(
                ["receive"] + listen + topics + login + more,
                environment: ["NOTION_RELAY_VERIFICATION_TOKENS": token],
                port: port,
                operationsPort: operations
            )
        )
    }

    private static let write = ["events", "letters"].map { AccessControl.Right("Write", on: .topic($0)) }
    private static let see = ["events", "letters"].map { AccessControl.Right("Describe", on: .topic($0)) }

    @Test
    func `a right that is missing, given, taken away and given back is followed without a restart`() async throws {
        let kafka = try await SecuredKafka.start()
        try await kafka.create(["events", "letters"].map { NewTopic($0, partitions: 1, replicationFactor: 1) })
        try kafka.access.set(Self.see, for: "user-1")
        let edge = try Self.edge(kafka.arguments(.plain(user: "user-1")))
        try await edge.process.child.errors.waitForLine(containing: "kafka_refuses", within: .seconds(30))
        try await edge.process.waitForReadiness(503)
        #expect(await edge.readiness().contains("AUTHORIZATION_FAILED"))
        let before = try #require(edge.process.usage).cpuSeconds
        let start = ContinuousClock.now
        for _ in 0..<50 { #expect(await edge.answer().status == "503") }
        #expect(ContinuousClock.now - start < .seconds(5), "503 comes at once")

        try kafka.access.set(Self.write, for: "user-1")
        try await edge.process.waitUntilReady(within: .seconds(90))
        #expect(await edge.answer().status == "200")
        #expect(edge.lines("kafka_accepts").count >= 1)

        try kafka.access.set(Self.see, for: "user-1")
        try await eventually(within: .seconds(10), "a refusal") { await edge.answer().status == "503" ? true : nil }
        try await edge.process.waitForReadiness(503)
        #expect(await edge.readiness().contains("TOPIC_AUTHORIZATION_FAILED"))
        #expect(await edge.process.metric("notion_relay_publishing_suspended") == 1)
        try kafka.access.set(Self.write, for: "user-1")
        try await edge.process.waitUntilReady(within: .seconds(90))
        #expect(await edge.answer().status == "200")

        // What it has cost: a line for each attempt, whose pauses double, and next to no time.
        #expect(edge.lines("kafka_refuses").count <= 30)
        #expect(edge.lines("kafka_refuses").allSatisfy { $0.contains("grant this user Write on topic ") })
        #expect(try #require(edge.process.usage).cpuSeconds - before < 3)
        #expect(await edge.process.metric("notion_relay_producers_lost_total") <= 2)
        #expect(try await edge.process.terminate() == .exited(0))
    }

    @Test
    func `bursts into a topic of small records are all answered 200, also after its limit was lowered`() async throws {
        let node = try await KafkaNode.start()
        let admin = try Admin(ClientSettings(bootstrapServers: [node.bootstrapServers]))
        defer { admin.close() }
        try await admin.createTopic("events", partitions: 1, config: ["max.message.bytes": "200000"])
        try await admin.createTopic("letters", partitions: 1)
        let edge = try Self.edge(["--kafka", node.bootstrapServers], ["--linger", "100ms"])
        try await edge.process.waitUntilReady()
        #expect(try await Self.burst(600, to: edge) == ["200": 600])

        _ = try await node.tool(
            "kafka.admin.ConfigCommand",
            [
                "--alter", "--entity-type", "topics", "--entity-name", "events", "--add-config",
                "max.message.bytes=20000",
            ]
        )
        // A batch over the new limit is refused once, and not believed of its records: what was refused comes again.
        try await eventually(within: .seconds(30), "a burst without a refusal") {
            try await Self.burst(200, to: edge) == ["200": 200] ? true : nil
        }
        let large = SignedDeliveryText.page(bytes: 60_000)
        #expect(await edge.answer(large).status == "413")
        #expect(await edge.answer().status == "200")
        #expect(try await edge.process.terminate() == .exited(0))
    }

    private static func burst(_ count: Int, to edge: Edge) async throws -> [String: Int] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count { group.addTask { await edge.answer(SignedDeliveryText.page(bytes: 1_500)).status } }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    @Test
    func `a dead-letter topic that is missing at the start, and compacted later, is told and seen when it is in order`()
        async throws
    {
        let node = try await KafkaNode.start()
        let admin = try Admin(ClientSettings(bootstrapServers: [node.bootstrapServers]))
        defer { admin.close() }
        try await admin.createTopic("events", partitions: 1)
        let edge = try Self.edge(["--kafka", node.bootstrapServers], ["--dead-letter-required"])
        try await edge.process.waitForReadiness(503)
        try await eventually(within: .seconds(20), "the reason") {
            await edge.readiness().contains("letters: it does not exist") ? true : nil
        }
        #expect(await edge.answer().status == "200")
        #expect(await edge.answer("no JSON").status == "503")
        try await admin.createTopic("letters", partitions: 1, config: ["cleanup.policy": "compact"])
        try await eventually(within: .seconds(30), "the policy") {
            await edge.readiness().contains("cleanup.policy is compact") ? true : nil
        }
        #expect(edge.lines("delivery_dead_lettered") == [])
        _ = try await node.tool(
            "kafka.admin.ConfigCommand",
            [
                "--alter", "--entity-type", "topics", "--entity-name", "letters", "--add-config",
                "cleanup.policy=delete",
            ]
        )
        try await edge.process.waitUntilReady()
        let answer = await edge.answer("no JSON")
        #expect(answer.status == "200" && answer.body == #"{"outcome":"dead_lettered","partition":0,"offset":0}"#)
        #expect(edge.lines("topic_in_order").count == 1)
        #expect(try await edge.process.terminate() == .exited(0))
    }
}

/// A delivery of a certain size.
private enum SignedDeliveryText {
    static func page(bytes: Int) -> String {
        #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451295","type":"page.created","#
            + #""entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"},"data":{"text":""#
            + String(repeating: "x", count: bytes) + #""}}"#
    }
}
