import TestSupport
import Testing

/// No broker: live, not ready, 503 with Retry-After; and back by itself.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BrokerOutageTests {
    @Test(.needsKafka)
    func `without brokers at the start the edge is live, not ready, answers 503, and comes up by itself`() async throws
    {
        let story = try await EdgeStory.begin()
        await story.node.kill()
        let edge = try RelayProcess.receive(
            kafka: story.node.bootstrapServers,
            token: EdgeStory.token,
            port: story.port,
            operationsPort: story.operationsPort
        )
        try await edge.waitForReadiness(503)
        let live = await LoopbackConnection.get(port: story.operationsPort, "/livez")
        #expect(live?.status == 200)
        let answer = try #require(await post(to: story))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("\r\nRetry-After: "))
        #expect(answer.contains("broker_unavailable"))

        try await story.node.restart()
        try await edge.waitUntilReady()
        #expect(try #require(await post(to: story)).hasPrefix("HTTP/1.1 200 "))
        #expect(try await edge.terminate() == .exited(0))
        await story.end()
    }

    @Test(.needsKafka)
    func `an outage under load is answered 503 within the deadline, keeps memory flat, and ends by itself`()
        async throws
    {
        let story = try await EdgeStory.begin()
        let edge = try await story.edge(["--message-timeout", "2s", "--request-deadline", "3s"])
        let outage = EdgeStory.isFull ? 60 : 8
        let load = try story.deliver(
            count: 400 * (outage + 10),
            seed: 5,
            ["--rate", "400/s", "--time-scale", "0.0005"]
        )
        try await story.published(1_000, by: edge)
        await story.node.kill()
        let before = try #require(edge.usage).residentBytes
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(outage) {
            let asked = ContinuousClock.now
            let answer = try #require(await post(to: story))
            #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: "))
            #expect(ContinuousClock.now - asked < .seconds(5))
        }
        let after = try #require(edge.usage).residentBytes
        #expect(after - before < 64 * 1024 * 1024, "memory grew from \(before) to \(after) bytes")
        try await story.node.restart()
        try await edge.waitUntilReady()
        _ = try await load.exitStatus(within: .seconds(300))
        try await story.expectEveryAcknowledgedDeliveryInTheTopic()
        #expect(try await edge.terminate() == .exited(0))
        await story.end()
    }

    private func post(to story: EdgeStory) async -> String? {
        guard let connection = LoopbackConnection(port: story.port) else { return nil }
        let body = SignedDelivery(token: EdgeStory.token)
        await connection.send(body.request(path: "/notion/webhooks", fields: ["Connection: close"]))
        return await connection.receiveAll(within: .seconds(15)).text
    }
}
