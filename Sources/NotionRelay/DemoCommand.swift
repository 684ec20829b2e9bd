import EmbeddedKafka
import Foundation
import HTTPClient
import HTTPServer
import Kafka
import NotionEvents
import NotionWebhooks
import Operations
import Receiver
import Simulator
import TextOutput
import Timestamps

/// `demo`: from enrolment to the topic, on an embedded cluster. Only the ledger is written to disk.
struct DemoCommand {
    // Limit: the burst's records fit into what the embedded cluster keeps, 5 MiB a partition.
    private static let burst = 3_000
    private static let entities = 300

    let context: CommandContext

    func run() async throws -> ExitStatus {
        let cluster = try EmbeddedCluster()
        defer { cluster.close() }
        try cluster.createTopic(Topics.events)
        try cluster.createTopic(Topics.deadLetter, partitions: 1)
        let stage = try DemoStage(cluster: cluster, log: Log(level: .error))
        defer { stage.close() }
        try tell(
            "Kafka runs in this process at \(cluster.bootstrapServers): real protocol, memory only, 12 partitions."
        )

        let token = try await enrol(stage)
        let service = try stage.start(tokens: [token], enrolment: .closed)
        try await stage.waitUntilReady(service)
        try tell(
            "   The edge was started again with the token: NOTION_RELAY_VERIFICATION_TOKENS=… and enrolment closed."
        )
        try await guide(stage, service, token)
        try await forge(stage, service, token)
        let isExact = try await burst(stage, service, token)
        let isClean = try await service.stop(within: .seconds(25))
        try tell("\n6. SIGTERM would end it: every accepted request was answered: \(isClean ? "yes" : "no").")
        return isExact && isClean ? .success : .failure
    }

    private func tell(_ text: String) throws(OutputFailure) {
        try StandardStreams.stream(bytes: Array((PlainText.lines(text) + "\n").utf8))
    }

    private func enrol(_ stage: DemoStage) async throws -> VerificationToken {
        guard let token = VerificationToken("secret_demo0nlyDemo0nlyDemo0nlyDemo0nlyDemo0nly") else {
            throw CommandFailure("the demo's own token is invalid")
        }
        let service = try stage.start(tokens: [], enrolment: .open)
        try await stage.waitUntilReady(service)
        try tell("\n1. Somebody makes a subscription in Notion's Webhooks tab; Notion posts the verification token.")
        let answer = try await stage.notion(service, token).handshake()
        try tell("   POST \(service.edge.settings.path) {\"verification_token\":…} -> \(answer.status)")
        let revealed = try await stage.post(service.operations.port, "/enrolment/reveal")
        let again = try await stage.post(service.operations.port, "/enrolment/reveal")
        guard answer.status == 200, revealed.contains(token.revealed()), !again.contains(token.revealed()) else {
            throw CommandFailure("the handshake's token could not be read exactly once")
        }
        try tell(
            "   The operator reads it, once (POST /enrolment/reveal), and pastes it in Notion: "
                + "token \(token.fingerprint)…"
        )
        _ = try await service.stop(within: .seconds(25))
        return token
    }

    /// The three tests that Notion's guide asks a new receiver to pass.
    private func guide(_ stage: DemoStage, _ service: EdgeService, _ token: VerificationToken) async throws {
        let factory = DeliveryFactory(seed: 7, entities: 20, startingAt: Timestamp.now())
        for (number, scenario) in GuideScenario.allCases.enumerated() {
            try tell("\n\(number + 2). The guide's test \(number + 1): \(scenario.rawValue).")
            for delivery in scenario.deliveries(from: factory, index: number * 10) {
                let answer = try await stage.notion(service, token).post(delivery.body())
                guard answer.status == 200 else { throw CommandFailure("the guide's delivery got \(answer.status)") }
                try tell("   \(delivery.type) -> \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
        for record in try await stage.records(Topics.events) { try tell("   in the topic: \(DemoStage.line(record))") }
    }

    private func forge(_ stage: DemoStage, _ service: EdgeService, _ token: VerificationToken) async throws {
        let factory = DeliveryFactory(seed: 8, entities: 1, startingAt: Timestamp.now())
        let delivery = factory.delivery(at: 0)
        var random = SeededRandom(seed: 9)
        let body = delivery.tamperedBody(using: &random)
        let answer = try await stage.notion(service, token).post(body, signedAs: delivery.body())
        try tell("   One byte changed on the way -> \(answer.status), and nothing in the topic.")
        guard answer.status == 401 else { throw CommandFailure("a changed byte was answered \(answer.status)") }
    }

    private func burst(_ stage: DemoStage, _ service: EdgeService, _ token: VerificationToken) async throws -> Bool {
        try tell(
            "\n5. A burst: \(Self.burst) deliveries about \(Self.entities) entities over 16 connections, and the broker"
        )
        try tell("   goes away for two seconds in the middle of it.")
        var options = DeliverOptions(
            url: stage.url(service),
            token: token,
            startingAtMilliseconds: Timestamp.now(),
            ledgerPath: stage.ledgerPath
        )
        options.count = Self.burst
        options.entities = Self.entities
        options.rate = 500
        async let outage: Void = stage.outage(after: 1_000, of: service)
        let sent = try await deliver(options) { StandardStreams.data("   … \($0)") }
        try await outage
        let checked = try await check(client: stage.client, topic: Topics.events, ledgerPath: stage.ledgerPath)
        for line in sent.table.split(separator: "\n") + checked.table.split(separator: "\n") {
            try tell("     \(line)")
        }
        let isExact = sent.isOK && checked.isOK
        let missing = checked.missing.count
        try tell(
            "   \(checked.acknowledged) deliveries were answered 200, \(checked.acknowledged - missing) of them are in "
                + "the topic, \(missing) missing, \(checked.outOfOrder.count) out of order; "
                + "\(sent.retries) retries, \(checked.duplicateRecords) duplicate records, each with its event's ce_id."
        )
        return isExact
    }
}

private final class DemoStage: Sendable {
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

    func waitUntilReady(_ service: EdgeService) async throws { try await poll("readiness") { service.health.isReady } }

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

    func post(_ port: Int, _ path: String) async throws -> String {
        let answer = try await http.send(ClientRequest(method: "POST", url: "http://127.0.0.1:\(port)\(path)"))
        return String(decoding: answer.body, as: UTF8.self)
    }

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
