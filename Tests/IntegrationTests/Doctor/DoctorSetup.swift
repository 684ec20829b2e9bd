import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// A relay of its own on the shared broker, in order as it is made, and what `doctor` is told of it. Tests break it.
struct DoctorSetup: Sendable {
    static let hour: Int64 = 3_600_000
    static let workspace = "11111111-2222-8333-8444-555555555555"
    static let page = "260d1674-1a2b-8c3d-8e4f-0123456789ab"

    let client: ClientSettings
    let events: String
    let letters: String
    let subscriptions: String
    let key = SealingKey.generate()
    let token: VerificationToken
    let now: Int64
    let operationsPort = FreePort.next()
    /// In place of the shared broker.
    var kafka: String
    /// What `--verification-tokens` holds, besides what is sealed in the topic.
    var environment: [String: String] = [:]
    var arguments: [String] = []

    /// Topics, a sealed token that is in use, and no event yet.
    init(
        events config: [String: String] = [:],
        subscriptions policy: [String: String] = SubscriptionsTopic.config,
        hasTopic: Bool = true,
        isActive: Bool = true
    ) async throws {
        let kept = ["max.message.bytes": "2097152"]
        token = try #require(VerificationToken("secret_doctor"))
        now = Int64(Date().timeIntervalSince1970 * 1000)
        (letters, client) = try await SharedKafka.topic("letters", config: kept)
        events =
            hasTopic
            ? try await SharedKafka.topic("doctor", partitions: 3, config: kept.merging(config) { $1 }).name
            : letters + "-missing"
        subscriptions = try await SharedKafka.topic("tokens", config: policy).name
        kafka = client.bootstrapServers[0]
        environment["NOTION_RELAY_SEALING_KEY"] = key.revealed()
        guard isActive else { return }
        let use = TokenUse(
            subscriptionID: "s",
            workspaceID: Self.workspace,
            workspaceName: "",
            integrationID: "",
            firstAt: now - 24 * Self.hour,
            lastAt: now
        )
        let active = Subscription(name: nil, activatedAt: now - 24 * Self.hour)
        try await write([.subscription(active, token), .use(use, of: Fingerprint(token))])
    }

    /// Writes records of the subscriptions topic, sealed with the edge's key or another.
    func write(_ records: [SubscriptionRecord], sealedWith other: SealingKey? = nil) async throws {
        try await SubscriptionsTopic(client, topic: subscriptions, keys: SealingKeys([other ?? key])).write(records)
    }

    /// Sends events about one page, of the given types in turn, the last one half an hour ago.
    func send(
        _ count: Int,
        types: [String] = ["page.content_updated", "comment.created"],
        last: Int64 = hour / 2,
        every step: Int64 = hour / 2,
        attempt: Int = 1,
        more: [(String, String)] = []
    ) throws {
        let records = (0..<count).map { number in
            let headers = [
                ("ce_source", "/notion/workspaces/\(Self.workspace)/subscriptions/s"),
                ("ce_type", "com.notion.\(types[number % types.count])"),
                ("ce_subject", types[number % types.count].hasPrefix("page.") ? "page/\(Self.page)" : "comment/c"),
                ("ce_attempt", "\(attempt)"),
            ]
            return Record(
                topic: events,
                timestampMilliseconds: now - last - Int64(count - 1 - number) * step,
                key: Array(Self.page.utf8),
                headers: (headers + more).map { .init(name: $0.0, value: Array($0.1.utf8)) },
                value: Array("{}".utf8)
            )
        }
        try RecordSender.send(records, client)
    }

    /// An edge with the same settings, once it serves; ready or not.
    func edge(ready status: Int = 200) async throws -> RelayProcess {
        let edge = try RelayProcess.receive(
            kafka: kafka,
            token: token.revealed(),
            operationsPort: operationsPort,
            arguments: ["--topic", events, "--dead-letter-topic", letters]
        )
        try await edge.waitForReadiness(status)
        return edge
    }

    /// What `doctor` found, without what is in order.
    func run(expecting status: Int32? = nil) async throws -> DoctorFindings {
        let words = [
            "doctor", "--kafka", kafka, "--topic", events, "--dead-letter-topic", letters, "--subscriptions-topic",
            subscriptions, "--operations", "127.0.0.1:\(operationsPort)", "--format", "json",
        ]
        let process = try RelayProcess(words + arguments, environment: environment)
        let exit = try await process.exitStatus()
        let lines = try await process.child.output.allUntilEnd()
        let found = try DoctorFindings(lines.joined(separator: "\n"))
        let wanted: Int32 = status ?? (found.errors.isEmpty ? 0 : 1)
        #expect(exit == .exited(wanted), "\(process.child.errors.tail())")
        return found
    }
}

/// What `doctor --format json` said.
struct DoctorFindings: Sendable {
    struct Document: Decodable {
        let errors: Int
        let warnings: Int
        let findings: [Found]
    }

    struct Found: Decodable, Sendable {
        let area: String
        let check: String
        let level: String
        let subject: String
        let title: String
        let meaning: String
        let action: String

        enum CodingKeys: String, CodingKey {
            case area, check, level, subject, title, meaning
            case action = "do"
        }
    }

    let text: String
    let all: [Found]

    init(_ text: String) throws {
        self.text = text
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        all = document.findings
        #expect(document.errors == all.count { $0.level == "error" })
        #expect(document.warnings == all.count { $0.level == "warning" })
    }

    var errors: [Found] { all.filter { $0.level == "error" } }

    /// `error topic_missing`, sorted; what every set-up on one broker and on loopback has is left out.
    var troubles: [String] {
        let usual = ["single_broker", "url_not_public", "url_not_https"]
        return all.filter { ["error", "warning"].contains($0.level) && !usual.contains($0.check) }
            .map { "\($0.level) \($0.check)" }.sorted()
    }

    func found(_ check: String) -> Found? { all.first { $0.check == check } }
}
