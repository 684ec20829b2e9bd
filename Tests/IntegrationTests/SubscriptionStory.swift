import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// A subscriptions topic of its own on a real broker, replicas that share it, and what an operator does to it.
struct SubscriptionStory: Sendable {
    let client: ClientSettings
    let events: String
    let topic: SubscriptionsTopic
    let key = SealingKey.generate()

    static func begin(creating: Bool = true) async throws -> SubscriptionStory {
        let (events, client) = try await SharedKafka.topic(partitions: 3)
        let name = "subscriptions-of-\(events)"
        let story = SubscriptionStory(client: client, events: events, name: name)
        if creating { try await story.createTopic() }
        return story
    }

    /// On a broker of its own, which may be killed.
    static func begin(on node: KafkaNode) async throws -> SubscriptionStory {
        let client = ClientSettings(bootstrapServers: [node.bootstrapServers])
        let story = SubscriptionStory(client: client, events: "events", name: "subscriptions")
        try await story.createTopic()
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic(story.events, partitions: 3, replicationFactor: 1)
        return story
    }

    private init(client: ClientSettings, events: String, name: String) {
        self.client = client
        self.events = events
        topic = SubscriptionsTopic(client, topic: name, keys: SealingKeys([key]))
    }

    func createTopic() async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic(topic.topic, partitions: 1, replicationFactor: 1, config: SubscriptionsTopic.config)
    }

    private var settings: [String: String] {
        [
            "NOTION_RELAY_KAFKA": client.bootstrapServers.joined(separator: ","),
            "NOTION_RELAY_TOPIC": events, "NOTION_RELAY_DEAD_LETTER_TOPIC": events,
            "NOTION_RELAY_SUBSCRIPTIONS_TOPIC": topic.topic, "NOTION_RELAY_SEALING_KEY": key.revealed(),
        ]
    }

    /// Starts a replica; it has no token but those of the topic, unless the environment says otherwise.
    func replica(_ environment: [String: String?] = [:], arguments: [String] = []) throws -> RelayProcess {
        let (port, operations) = (FreePort.next(), FreePort.next())
        let listen = ["--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)"]
        return try RelayProcess(
            ["receive"] + listen + arguments,
            environment: settings.mapValues(Optional.some).merging(environment) { $1 }.compactMapValues(\.self),
            port: port,
            operationsPort: operations
        )
    }

    /// Runs a command of an operator's to its end.
    func operate(_ arguments: [String]) async throws -> (status: TestSupport.ExitStatus, output: String, errors: String)
    {
        let wanted = ["NOTION_RELAY_KAFKA", "NOTION_RELAY_SUBSCRIPTIONS_TOPIC", "NOTION_RELAY_SEALING_KEY"]
        let process = try RelayProcess(arguments, environment: settings.filter { wanted.contains($0.key) })
        let status = try await process.exitStatus(within: .seconds(30))
        return (status, process.child.output.text, process.child.errors.text)
    }

    /// What Notion does when somebody creates a subscription or presses "Resend token".
    func handshake(_ replica: RelayProcess, _ text: String, path: String = "") async throws {
        let url = "http://127.0.0.1:\(replica.port)/notion/webhooks\(path)"
        let token = try #require(VerificationToken(text))
        #expect(try await TestSupport.handshake(url: url, token: token) == 200)
    }

    /// The status of an event that is signed with a token.
    func post(_ replica: RelayProcess, _ text: String, path: String = "", subscription: String = "") async -> Int {
        let body =
            #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451295","type":"page.created","attempt_number":1,"#
            + #""subscription_id":"\#(subscription)","workspace_name":"Harbour Studio","#
            + #""entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"}}"#
        let delivery = SignedDelivery(token: text, body: body)
        guard let connection = LoopbackConnection(port: replica.port) else { return 0 }
        await connection.send(delivery.request(path: "/notion/webhooks\(path)", fields: ["Connection: close"]))
        let answer = await connection.receiveAll().text
        return answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Waits until all replicas answer events of a token so.
    func until(
        _ status: Int,
        _ text: String,
        at replicas: [RelayProcess],
        path: String = "",
        within limit: Duration = .seconds(5)
    ) async throws {
        try await eventually(within: limit, "\(status) from \(replicas.count) replicas") {
            for replica in replicas where await self.post(replica, text, path: path) != status { return nil as Bool? }
            return true
        }
    }

    /// Waits until a handshake's token is in the topic.
    func pending(_ text: String) async throws -> ReceivedHandshake {
        let fingerprint = Fingerprint(try #require(VerificationToken(text)))
        return try await eventually(within: .seconds(5), "a pending handshake") {
            try await self.topic.read().handshakes[fingerprint]?.content
        }
    }

    func fingerprint(_ text: String) throws -> String { try #require(VerificationToken(text)).fingerprint }

    /// What a replica says of why it is not ready.
    func reasons(_ replica: RelayProcess) async -> String {
        await LoopbackConnection.get(port: replica.operationsPort, "/readyz")?.body ?? ""
    }
}

// What an operator does, and what an attacker does who can write to the topic.
extension SubscriptionStory {
    func activate(_ text: String) async throws {
        let done = try await operate(["subscription", "activate", try fingerprint(text)])
        #expect(done.status == .exited(0), "\(done.errors)")
        #expect(!done.output.contains(text) && !done.errors.contains(text))
    }

    func retire(_ text: String, inSeconds seconds: Int64) async throws {
        let token = try #require(VerificationToken(text))
        var known = try #require(try await topic.read().subscriptions[Fingerprint(token)]?.content)
        known.retiresAt = Int64(Date().timeIntervalSince1970 * 1000) + seconds * 1000
        try await topic.write([.subscription(known, token)])
    }

    /// Writes a token's record with another value, under the seal of the first one.
    func tampered(_ text: String, to topic: String) async throws -> Record {
        let token = try #require(VerificationToken(text))
        let subscription = Subscription(name: SubscriptionName("harbour"), activatedAt: 0)
        var record = SubscriptionRecord.subscription(subscription, token)
            .record(in: topic, sealedWith: SealingKeys([key]))
        record.value = Array(#"{"activated_at":"2026-01-01T00:00:00.000Z","name":"other","v":1}"#.utf8)
        try await send(record)
        return record
    }

    func send(_ record: Record) async throws {
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        _ = try await producer.send(record, to: topic.topic)
    }

    func recordCount() async throws -> Int {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        return try await consumer.watermarks(of: topic.topic, partition: 0).count
    }
}
