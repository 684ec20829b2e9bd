import EmbeddedKafka
import Foundation
import HTTPClient
import HTTPServer
import Kafka
import NotionWebhooks
import Operations
import Receiver
import Simulator

/// What the demo runs on: the embedded cluster, an HTTP client, a path for the ledger.
final class DemoStage: Sendable {
    let client: Kafka.ClientSettings
    let ledgerPath: String
    private let cluster: EmbeddedCluster
    private let http: Client
    private let log: Log

    init(cluster: EmbeddedCluster, log: Log) throws {
        self.cluster = cluster
        self.log = log
        client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        http = try Client()
        ledgerPath =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("notion-relay-demo-\(ProcessInfo.processInfo.processIdentifier).jsonl").path
    }

    func close() {
        http.close()
        try? FileManager.default.removeItem(atPath: ledgerPath)
    }

    /// An edge on free ports of this machine. Its message time-out is short, so that the outage is seen as 503.
    func start(tokens: [VerificationToken], enrolment: Enrolment) throws -> EdgeService {
        guard let address = ListenAddress("127.0.0.1:0") else { throw CommandFailure("127.0.0.1:0 is no address") }
        let producer = ProducerSettings(client: client, messageTimeoutMilliseconds: 1_000)
        let settings = ReceiverSettings(listen: address, producer: producer, tokens: tokens, enrolment: enrolment)
        let service = try EdgeService(settings, operations: address, log: log)
        try service.start()
        return service
    }

    func waitUntilReady(_ service: EdgeService) async throws {
        try await poll("readiness") { service.health.isReady }
    }

    /// Stops the broker once this many deliveries are published, and starts it again after two seconds.
    func outage(after count: Int, of service: EdgeService) async throws {
        try await poll("traffic") { self.published(service) >= count }
        try cluster.brokerDown()
        StandardStreams.data("   … the broker is gone")
        try await ContinuousClock().sleep(for: .seconds(2))
        try cluster.brokerUp()
        StandardStreams.data("   … the broker is back")
    }

    private func published(_ service: EdgeService) -> Int {
        let lines = String(decoding: service.metrics.exposition(), as: UTF8.self).split(separator: "\n")
        let published = lines.filter { $0.hasPrefix("notion_relay_deliveries_total{outcome=\"published\"") }
        return published.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }

    /// Polls for a condition that nothing notifies of.
    private func poll(_ what: String, _ isSo: @Sendable () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isSo() {
            guard ContinuousClock.now < deadline else { throw CommandFailure("the demo waited 30 s for \(what)") }
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
    }

    func url(_ service: EdgeService) -> String { "http://127.0.0.1:\(service.edge.port)\(service.edge.settings.path)" }

    func notion(_ service: EdgeService, _ token: VerificationToken) -> SimulatedNotion {
        SimulatedNotion(url: url(service), token: token, client: http)
    }

    /// A POST to the operations port; the answer's text.
    func post(_ port: Int, _ path: String) async throws -> String {
        let answer = try await http.send(ClientRequest(method: "POST", url: "http://127.0.0.1:\(port)\(path)"))
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// Everything in a topic.
    func records(_ topic: String) async throws -> [Record] {
        var records: [Record] = []
        try await TopicReader(client: client, topic: topic).readAll { records.append($0) }
        return records.sorted { ($0.timestampMilliseconds ?? 0) < ($1.timestampMilliseconds ?? 0) }
    }

    static func line(_ record: Record) -> String {
        let type = record.headers.first { $0.name == "ce_type" }?.value ?? []
        return "partition \(record.partition ?? -1), key \(String(decoding: record.key ?? [], as: UTF8.self)), "
            + String(decoding: type, as: UTF8.self)
    }
}
