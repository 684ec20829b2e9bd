import Dispatch
import EmbeddedKafka
import HTTPServer
import Kafka
import NotionWebhooks
import Operations
import Receiver
import Synchronization
import TestSupport
import Testing
import Timestamps

/// A whole edge in this process, with librdkafka's in-process cluster behind it and its metrics and log lines at hand.
final class EdgeUnderTest: Sendable {
    let cluster: EmbeddedCluster
    let edge: Edge
    let metrics = MetricRegistry()
    let health = Health()
    private let lines = LogLines()

    static let events = "notion.events.v1"
    static let deadLetters = "notion.dead-letter.v1"

    private init(cluster: EmbeddedCluster, settings: ReceiverSettings, now: @escaping @Sendable () -> Int64) throws {
        self.cluster = cluster
        let log = Log(level: .debug, format: .json, sink: { [lines] in lines.add($0) })
        edge = try Edge(settings, metrics: metrics, health: health, log: log, now: now)
    }

    /// Starts it and waits until it is ready.
    static func start(
        tokens: [VerificationToken?] = [HostileRequest.token],
        _ change: (inout ReceiverSettings) -> Void = { _ in },
        now: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) async throws -> EdgeUnderTest {
        let edge = try prepare(tokens: tokens, change, now: now)
        try edge.edge.start()
        try await eventually(within: .seconds(10), "readiness") { edge.health.isReady ? true : nil }
        return edge
    }

    /// Makes it without listening.
    static func prepare(
        tokens: [VerificationToken?] = [HostileRequest.token],
        _ change: (inout ReceiverSettings) -> Void = { _ in },
        now: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) throws -> EdgeUnderTest {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic(events)
        try cluster.createTopic(deadLetters, partitions: 1)
        var settings = ReceiverSettings(
            listen: try #require(ListenAddress("127.0.0.1:0")),
            producer: ProducerSettings(
                client: ClientSettings(bootstrapServers: [cluster.bootstrapServers]),
                lingerMilliseconds: 0,
                messageBytesMax: 4_000_000
            ),
            tokens: tokens.compactMap(\.self),
            enrolment: .closed
        )
        settings.flushMilliseconds = 500
        change(&settings)
        return try EdgeUnderTest(cluster: cluster, settings: settings, now: now)
    }

    var port: Int { edge.port }
    var logText: String { lines.text }

    func stop() async {
        await withCheckedContinuation { continuation in
            BlockingStop.run {
                _ = self.edge.stop()
                continuation.resume()
            }
        }
        cluster.close()
    }

    func connect() throws -> LoopbackConnection { try #require(LoopbackConnection(port: port)) }

    /// Sends a request on a connection of its own and reads its one answer.
    func answer(to bytes: [UInt8]) async throws -> Answer {
        let connection = try connect()
        await connection.send(bytes)
        return try await Answer.read(from: connection)
    }

    /// How many records a topic has.
    func recordCount(_ topic: String) async throws -> Int {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        let partitions = 0..<Int32(try await consumer.partitionCount(of: topic))
        return try await consumer.watermarks(of: topic, partitions: partitions).values.reduce(0) { $0 + $1.count }
    }

    /// Everything that is in a topic.
    func records(_ topic: String) async throws -> [Record] {
        var records: [Record] = []
        try await TopicReader(client: client, topic: topic).readAll { records.append($0) }
        return records
    }

    private var client: ClientSettings { ClientSettings(bootstrapServers: [cluster.bootstrapServers]) }

    /// The sum of all series of a metric whose line holds all of the texts.
    func metric(_ name: String, _ labels: String...) -> Int {
        let lines = String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n")
        let matching = lines.filter { line in
            (line.hasPrefix(name + "{") || line.hasPrefix(name + " ")) && labels.allSatisfy { line.contains($0) }
        }
        return matching.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.map { Int($0) }.reduce(0, +)
    }

    func count(of outcome: DeliveryOutcome) -> Int {
        metric("notion_relay_deliveries_total", "outcome=\"\(outcome.rawValue)\"")
    }
}

/// What was logged.
private final class LogLines: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    func add(_ line: [UInt8]) { bytes.withLock { $0 += line } }
}

/// An answer as it came.
struct Answer: Sendable {
    let status: Int
    let head: String
    let body: String

    /// Reads one answer by its Content-Length.
    static func read(from connection: LoopbackConnection) async throws -> Answer {
        let (bytes, end) = await connection.receive(within: .seconds(15)) { bytes in
            guard let parts = Self.parts(bytes) else { return false }
            return parts.body.utf8.count >= parts.length
        }
        let parts = try #require(Self.parts(bytes), "no answer (\(end)): \(String(decoding: bytes, as: UTF8.self))")
        let status = try #require(parts.head.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return Answer(status: status, head: parts.head, body: parts.body)
    }

    private static func parts(_ bytes: [UInt8]) -> (head: String, body: String, length: Int)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let split = text.firstRange(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<split.lowerBound])
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst(16)) }
        return (head, String(text[split.upperBound...]), length ?? 0)
    }
}

/// Blocking work away from the pool that tests run on.
enum BlockingStop {
    static func run(_ work: @escaping @Sendable () -> Void) {
        DispatchQueue.global().async(execute: work)
    }
}
