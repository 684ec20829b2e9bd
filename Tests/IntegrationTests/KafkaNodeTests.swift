import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct KafkaNodeTests {
    @Test(.needsKafka)
    func `a node that was killed comes back on its port`() async throws {
        let node = try await KafkaNode.start()
        #expect(LoopbackConnection(port: node.port) != nil)
        let first = node.pid

        await node.kill()
        #expect(!node.isRunning)
        #expect(LoopbackConnection(port: node.port) == nil)

        try await node.restart()
        #expect(LoopbackConnection(port: node.port) != nil)
        #expect(node.pid != first)

        await node.terminate()
        #expect(!node.isRunning)
    }

    @Test(.needsKafka)
    func `three nodes come up together`() async throws {
        let cluster = try await KafkaCluster.start(nodes: 3)
        #expect(cluster.nodes.filter(\.isRunning).count == 3)
        await cluster.stop()
        #expect(cluster.nodes.filter(\.isRunning).isEmpty)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessTests {
    private let environment = ["PATH": "/usr/bin:/bin"]

    @Test
    func `lines and exit status of a child are seen`() async throws {
        let child = try ChildProcess("sh", ["-c", "echo one; echo two >&2; exit 7"], environment: environment)
        #expect(try await child.output.waitForLine(containing: "one") == "one")
        #expect(try await child.errors.waitForLine(containing: "two") == "two")
        #expect(await child.exitStatus() == .exited(7))
    }

    @Test
    func `a line that does not come is an error with what came instead`() async throws {
        let child = try ChildProcess("sh", ["-c", "echo this; exec cat"], environment: environment)
        await #expect(throws: LineNeverCame.self) { try await child.output.waitForLine(containing: "that") }
    }

    @Test
    func `a child sees none of the parent's descriptors`() async throws {
        let child = try ChildProcess("sh", ["-c", "ls /proc/$$/fd"], environment: environment)
        _ = await child.exitStatus()
        _ = try? await child.output.waitForLine("the end of the stream") { _ in false }
        #expect(child.output.all == ["0", "1", "2"])
    }

    @Test
    func `a signal ends a child and is reported`() async throws {
        let child = try ChildProcess("sleep", ["60"], environment: environment)
        child.signal(SIGTERM)
        #expect(await child.exitStatus() == .signalled(SIGTERM))
        child.signal(SIGTERM)
    }
}
