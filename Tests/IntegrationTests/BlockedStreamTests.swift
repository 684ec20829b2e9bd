import Glibc
import Kafka
import TestSupport
import Testing

/// The program whose stdout or stderr is a pipe that nobody reads, as with a collector of logs that stands still.
@Suite(.timeLimit(.minutes(3)))
struct BlockedStreamTests {
    /// A pipe with a name that is never read. It has room for one page.
    private final class UnreadPipe: Sendable {
        let path: String
        private let folder: TemporaryDirectory
        private let descriptor: Int32

        init() throws {
            folder = try TemporaryDirectory("unread")
            path = folder.file("pipe")
            try #require(mkfifo(path, 0o600) == 0)
            descriptor = open(path, O_RDWR | O_CLOEXEC)
            try #require(descriptor >= 0)
            // F_SETPIPE_SZ
            try #require(fcntl(descriptor, 1031, 4096) == 4096)
        }

        deinit { close(descriptor) }

        /// Whether a writer would wait now.
        var isFull: Bool {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return poll(&entry, 1, 0) == 0
        }

        /// Runs a command of the program with the pipe as stream 1 or 2.
        func run(_ arguments: [String], stream: Int) throws -> ChildProcess {
            try ChildProcess(
                "sh",
                ["-c", "exec \"$@\" \(stream)>\"$0\"", path, RelayProcess.binary] + arguments,
                environment: [:]
            )
        }
    }

    /// Refusals of several kinds: each has lines of its own.
    private static let refused = [
        "GET / HTTP/1.1", "GET /notion/webhooks HTTP/1.1", "POST /a HTTP/1.1", "POST * HTTP/1.1",
    ]

    private func answer(_ request: [UInt8], port: Int) async -> String {
        guard let connection = LoopbackConnection(port: port) else { return "" }
        await connection.send(request)
        return await connection.receiveAll().text
    }

    @Test(arguments: [1, 2])
    func `an edge that nobody listens to serves, is live, and stops in order`(stream: Int) async throws {
        let pipe = try UnreadPipe()
        let (port, operations) = (FreePort.next(), FreePort.next())
        let words = ["dev", "--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)"]
        let edge = try pipe.run(words, stream: stream)
        try await eventually(within: .seconds(30), "readiness") {
            await LoopbackConnection.get(port: operations, "/readyz")?.status == 200 ? true : nil
        }
        if stream == 2 {
            try await eventually(within: .seconds(60), "a full pipe") {
                for line in Self.refused {
                    let request = Array("\(line)\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
                    #expect(await answer(request, port: port).hasPrefix("HTTP/1.1 4"))
                }
                return pipe.isFull ? true : nil
            }
        }
        let delivery = SignedDelivery(token: "secret_dev_only")
        for _ in 0..<30 {
            let request = delivery.request(path: "/notion/webhooks", fields: ["Connection: close"])
            #expect(await answer(request, port: port).hasPrefix("HTTP/1.1 200 "))
        }
        #expect(await LoopbackConnection.get(port: operations, "/livez")?.status == 200)
        edge.signal(SIGTERM)
        let status = try await withTimeout(.seconds(20), "the end") { await edge.exitStatus() }
        #expect(status == .exited(0))
    }

    @Test(.needsKafka)
    func `a tail whose output is not read waits, and a signal ends it`() async throws {
        let (name, client) = try await SharedKafka.topic()
        let value = [UInt8](repeating: 0x61, count: 10_000)
        try RecordSender.send((0..<20).map { _ in Record(topic: name, key: nil, value: value) }, client)
        let pipe = try UnreadPipe()
        let words = ["tail", "--kafka", client.bootstrapServers[0], "--topic", name, "--from", "beginning"]
        let tail = try pipe.run(words + ["--format", "%s\\n"], stream: 1)
        try await eventually(within: .seconds(30), "a full pipe") { pipe.isFull ? true : nil }
        #expect(tail.isRunning)
        tail.signal(SIGTERM)
        let status = try await withTimeout(.seconds(20), "the end") { await tail.exitStatus() }
        #expect(status == .exited(1), "it was cut off")
        #expect(tail.errors.all.contains { $0.contains("the stop took too long") })
    }
}
