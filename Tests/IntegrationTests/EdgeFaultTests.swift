import Glibc
import TestSupport
import Testing

/// The first promise on a real broker: whatever is killed, every delivery that was answered 200 is in the topic, in
/// order per entity.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct EdgeFaultTests {
    @Test(.needsKafka)
    func `under plain load every delivery answered 200 is in the topic`() async throws {
        let story = try await EdgeStory.begin()
        let edge = try await story.edge()
        let load = try story.deliver(seed: 1)
        #expect(try await load.exitStatus(within: .seconds(300)) == .exited(0), "\(load.child.errors.tail())")
        try await story.expectEveryAcknowledgedDeliveryInTheTopic()
        #expect(try await edge.terminate() == .exited(0))
        await story.end()
    }

    @Test(.needsKafka)
    func `a broker killed under load and started again costs nothing that was answered 200`() async throws {
        let story = try await EdgeStory.begin()
        let edge = try await story.edge()
        let load = try story.deliver(seed: 2, ["--rate", "\(EdgeStory.deliveries / 20)/s"])
        try await story.published(EdgeStory.deliveries / 4, by: edge)
        await story.node.kill()
        try await story.node.restart()
        #expect(try await load.exitStatus(within: .seconds(600)) == .exited(0), "\(load.child.errors.tail())")
        try await story.expectEveryAcknowledgedDeliveryInTheTopic()
        #expect(try await edge.terminate() == .exited(0))
        await story.end()
    }

    @Test(.needsKafka)
    func `a replica killed under load and started again costs nothing that was answered 200`() async throws {
        let story = try await EdgeStory.begin()
        let first = try await story.edge()
        let load = try story.deliver(seed: 3)
        try await story.published(EdgeStory.deliveries / 4, by: first)
        await first.kill()
        let second = try await story.edge()
        #expect(try await load.exitStatus(within: .seconds(600)) == .exited(0), "\(load.child.errors.tail())")
        try await story.expectEveryAcknowledgedDeliveryInTheTopic()
        #expect(try await second.terminate() == .exited(0))
        await story.end()
    }

    @Test(.needsKafka)
    func `a replica that is stopped under load answers what it accepted and leaves with exit status 0`() async throws {
        let story = try await EdgeStory.begin()
        let first = try await story.edge()
        let load = try story.deliver(seed: 4)
        try await story.published(EdgeStory.deliveries / 4, by: first)
        let bystanders = try #require(await StopBystanders(port: story.port, token: EdgeStory.token))
        first.child.signal(SIGTERM)
        await bystanders.expectTheirDue()
        #expect(try await first.exitStatus(within: .seconds(25)) == .exited(0), "\(first.child.errors.tail())")
        #expect(first.child.errors.text.contains("every accepted request was answered"))
        let second = try await story.edge()
        #expect(try await load.exitStatus(within: .seconds(600)) == .exited(0), "\(load.child.errors.tail())")
        try await story.expectEveryAcknowledgedDeliveryInTheTopic()
        #expect(try await second.terminate() == .exited(0))
        await story.end()
    }
}
