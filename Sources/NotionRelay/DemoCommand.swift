import EmbeddedKafka
import HTTPClient
import HTTPServer
import Kafka
import NotionEvents
import NotionWebhooks
import Operations
import Receiver
import Simulator
import Timestamps

/// `demo`: the way of an event from enrolment to the topic, on an embedded cluster. Only Notion is simulated, and
/// nothing but the ledger is written to disk.
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
        tell("Kafka runs in this process at \(cluster.bootstrapServers): real protocol, memory only, 12 partitions.")

        let token = try await enrol(stage)
        let service = try stage.start(tokens: [token], enrolment: .closed)
        try await stage.waitUntilReady(service)
        tell("   The edge was started again with the token: NOTION_RELAY_VERIFICATION_TOKENS=… and enrolment closed.")
        try await guide(stage, service, token)
        try await forge(stage, service, token)
        let isExact = try await burst(stage, service, token)
        let isClean = try await service.stop(within: .seconds(25))
        tell("\n6. SIGTERM would end it: every accepted request was answered: \(isClean ? "yes" : "no").")
        return isExact && isClean ? .success : .failure
    }

    private func tell(_ text: String) { StandardStreams.data(text) }

    /// The handshake, and the token as an operator passes it on.
    private func enrol(_ stage: DemoStage) async throws -> VerificationToken {
        guard let token = VerificationToken("secret_demo0nlyDemo0nlyDemo0nlyDemo0nlyDemo0nly") else {
            throw CommandFailure("the demo's own token is invalid")
        }
        let service = try stage.start(tokens: [], enrolment: .open)
        try await stage.waitUntilReady(service)
        tell("\n1. Somebody makes a subscription in Notion's Webhooks tab; Notion posts the verification token.")
        let answer = try await stage.notion(service, token).handshake()
        tell("   POST \(service.edge.settings.path) {\"verification_token\":…} -> \(answer.status)")
        let revealed = try await stage.post(service.operations.port, "/enrolment/reveal")
        let again = try await stage.post(service.operations.port, "/enrolment/reveal")
        guard answer.status == 200, revealed.contains(token.revealed()), !again.contains(token.revealed()) else {
            throw CommandFailure("the handshake's token could not be read exactly once")
        }
        tell(
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
            tell("\n\(number + 2). The guide's test \(number + 1): \(scenario.rawValue).")
            for delivery in scenario.deliveries(from: factory, index: number * 10) {
                let answer = try await stage.notion(service, token).post(delivery.body())
                guard answer.status == 200 else { throw CommandFailure("the guide's delivery got \(answer.status)") }
                tell("   \(delivery.type) -> \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
        for record in try await stage.records(Topics.events) { tell("   in the topic: \(DemoStage.line(record))") }
    }

    /// A delivery that is changed in transit.
    private func forge(_ stage: DemoStage, _ service: EdgeService, _ token: VerificationToken) async throws {
        let factory = DeliveryFactory(seed: 8, entities: 1, startingAt: Timestamp.now())
        let delivery = factory.delivery(at: 0)
        var random = SeededRandom(seed: 9)
        let body = delivery.tamperedBody(using: &random)
        let answer = try await stage.notion(service, token).post(body, signedAs: delivery.body())
        tell("   One byte changed on the way -> \(answer.status), and nothing in the topic.")
        guard answer.status == 401 else { throw CommandFailure("a changed byte was answered \(answer.status)") }
    }

    /// Traffic with duplicates, tampering and an outage in the middle; then the proof.
    private func burst(_ stage: DemoStage, _ service: EdgeService, _ token: VerificationToken) async throws -> Bool {
        tell(
            "\n5. A burst: \(Self.burst) deliveries about \(Self.entities) entities over 16 connections, and the broker"
        )
        tell("   goes away for two seconds in the middle of it.")
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
        let sent = try await deliver(options) { tell("   … \($0)") }
        try await outage
        let checked = try await check(
            CheckOptions(client: stage.client, topic: Topics.events, ledgerPath: stage.ledgerPath)
        )
        for line in sent.table.split(separator: "\n") + checked.table.split(separator: "\n") { tell("     \(line)") }
        let isExact = sent.isOK && checked.isOK
        let missing = checked.missing.count
        tell(
            "   \(checked.acknowledged) deliveries were answered 200, \(checked.acknowledged - missing) of them are in "
                + "the topic, \(missing) missing, \(checked.outOfOrder.count) out of order; "
                + "\(sent.retries) retries, \(checked.duplicateRecords) duplicate records, each with its event's ce_id."
        )
        return isExact
    }
}
