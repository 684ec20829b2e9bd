import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport

/// Topics of one command, and a user whose rights change between its runs.
struct RightsStory: Sendable {
    struct Result: Sendable {
        /// The command has done all that it is for.
        let isDone: Bool
        /// What it has printed and logged.
        let text: String
    }

    private static let token = "secret_rightsOfTheTests000000000000000000000"
    private static let instance = Shared()

    /// One node for all, which hands out users.
    private actor Shared {
        private var starting: Task<SecuredKafka, any Error>?
        private var userCount = 0

        func take() async throws -> (kafka: SecuredKafka, user: Int) {
            // Safety: one start for all who ask; each of them awaits it.
            let task = starting ?? Task { try await SecuredKafka.start() }
            starting = task
            defer { userCount += 1 }
            return (try await task.value, userCount)
        }
    }

    private let kafka: SecuredKafka
    private let user: String
    private let prefix: String
    private let areMissing: Bool
    private let key = SealingKey.generate()
    private let group = "g"
    /// Topics that a run creates have other names in the next.
    private var attempt = 0

    static func begin(_ command: String, areMissing: Bool) async throws -> RightsStory {
        let (kafka, user) = try await instance.take()
        let story = RightsStory(kafka, "user-\(user)", "r\(user)", areMissing)
        if !areMissing { try await story.prepare() }
        return story
    }

    private init(_ kafka: SecuredKafka, _ user: String, _ prefix: String, _ areMissing: Bool) {
        self.kafka = kafka
        self.user = user
        self.prefix = prefix
        self.areMissing = areMissing
    }

    private var edition: String { areMissing ? "\(prefix)-\(attempt)" : prefix }
    private var events: String { "\(edition).events" }
    private var deadLetters: String { "\(edition).letters" }
    private var subscriptions: String { "\(edition).subscriptions" }
    private var groupLetters: String { "\(events).\(group).dlq" }
    private var groupRedrives: String { "\(events).\(group).redrive" }
    private var groupState: String { "\(events).\(group).state" }
    var target: String { "\(prefix).copy" }
    var checkpoints: String { "\(prefix)-\(attempt).replays" }

    private func prepare() async throws {
        try await kafka.create([NewTopic(target, partitions: 1, replicationFactor: 1)])
        _ = try await runFreely("topics apply", ["--group", group, "--partitions", "1"])
        try send(["a", "b", "c"])
    }

    private func send(_ pages: [String]) throws {
        let records = pages.map { page in
            let headers = [
                ("ce_specversion", "1.0"), ("ce_id", "\(page)-\(UUID().uuidString)"),
                ("ce_type", "com.notion.page.created"), ("ce_source", "/notion"), ("content-type", "application/json"),
            ]
            return Record(
                topic: events,
                key: Array(page.utf8),
                headers: headers.map { Record.Header(name: $0.0, value: Array($0.1.utf8)) },
                value: Array("{}".utf8)
            )
        }
        try RecordSender.send(records, kafka.client)
    }

    func name(of resource: String) -> String {
        switch resource {
        case "topic of events": events
        case "dead-letter topic": deadLetters
        case "subscriptions topic": subscriptions
        case "the group's dead-letter topic": groupLetters
        case "the group's redrive topic": groupRedrives
        case "the group's state topic": groupState
        case "consumer group": group
        case "topic of `--to-topic`": target
        case "topic of `--checkpoint-topic`": checkpoints
        default: "no resource: \(resource)"
        }
    }

    mutating func allow(_ rows: [KafkaRightsTests.Row], without missing: (String, String)? = nil) throws {
        attempt += 1
        var rights: [AccessControl.Right] = []
        for row in rows {
            let name = name(of: row.resource)
            let resource: AccessControl.Resource = row.resource == "consumer group" ? .group(name) : .topic(name)
            for operation in row.operations where missing.map({ $0 != (row.resource, operation) }) ?? true {
                rights.append(AccessControl.Right(operation, on: resource))
            }
        }
        try kafka.access.set(rights, for: user)
    }

    private var environment: [String: String] {
        [
            "NOTION_RELAY_TOPIC": events, "NOTION_RELAY_DEAD_LETTER_TOPIC": deadLetters,
            "NOTION_RELAY_SUBSCRIPTIONS_TOPIC": subscriptions, "NOTION_RELAY_SEALING_KEY": key.revealed(),
            "NOTION_RELAY_VERIFICATION_TOKENS": Self.token + (attempt == 0 ? "" : String(attempt)),
        ]
    }

    private var login: [String] { kafka.arguments(.plain(user: user)) }
    /// With all rights.
    private var free: [String] { ["--kafka", kafka.node.bootstrapServers] }

    func run(_ command: String, _ arguments: [String]) async throws -> Result {
        try await run(command, arguments, login)
    }

    private func runFreely(_ command: String, _ arguments: [String]) async throws -> Result {
        try await run(command, arguments, free)
    }

    private func run(_ command: String, _ arguments: [String], _ login: [String]) async throws -> Result {
        let words = command.split(separator: " ").map { String($0) }
        let process = try RelayProcess(words + arguments + login, environment: environment)
        let status = try await process.exitStatus()
        return Result(isDone: status == .exited(0), text: text(of: process))
    }

    private func text(of process: RelayProcess) -> String {
        (process.child.output.all + process.child.errors.all).joined(separator: "\n")
    }

    /// Until `isDone`, or until a line says what to grant.
    private func watch(
        _ process: RelayProcess,
        _ isDone: @escaping @Sendable () async throws -> Bool
    ) async throws -> Result {
        let done = try? await eventually(within: .seconds(60), "the command's end") { () -> Bool? in
            if text(of: process).contains("grant ") || !process.child.isRunning { return false }
            return try await isDone() ? true : nil
        }
        let state = done == nil ? "\nno end within a minute" : process.child.isRunning ? "" : "\nit ended by itself"
        let result = Result(isDone: done ?? false, text: text(of: process) + state)
        await process.kill()
        return result
    }

    /// The edge, which has an event, a dead letter and a handshake to write, and tokens to read.
    func receive() async throws -> Result {
        let (port, operationsPort) = (FreePort.next(), FreePort.next())
        let edge = try RelayProcess(
            [
                "receive", "--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operationsPort)",
                "--dead-letter-required", "--enrolment", "open",
            ] + login,
            environment: environment.merging(["NOTION_RELAY_VERIFICATION_TOKENS": Self.token]) { $1 },
            port: port,
            operationsPort: operationsPort
        )
        return try await watch(edge) {
            let ready = await LoopbackConnection.get(port: edge.operationsPort, "/readyz")?.status == 200
            guard ready, try await post(SignedDelivery(token: Self.token), to: edge) else { return false }
            guard try await post(SignedDelivery(token: Self.token, body: "no JSON"), to: edge) else { return false }
            let token = "secret_handshake\(attempt)"
            let handshake = SignedDelivery(token: token, body: #"{"verification_token":"\#(token)"}"#)
            guard try await post(handshake, to: edge) else { return false }
            return await edge.metric("notion_relay_subscriptions_pending") > 0
        }
    }

    private func post(_ delivery: SignedDelivery, to edge: RelayProcess) async throws -> Bool {
        guard let connection = LoopbackConnection(port: edge.port) else { return false }
        await connection.send(delivery.request(path: "/notion/webhooks", fields: ["Connection: close"]))
        return await connection.receiveAll(within: .seconds(15)).text.hasPrefix("HTTP/1.1 200 ")
    }

    /// A consumer whose service refuses every event: it has a dead letter and a parked key to write, and state to read.
    func forward() async throws -> Result {
        // First with all rights: a state topic without a record is read without asking for one.
        if attempt == 1 { _ = try await park("first", free) }
        return try await park("page-\(attempt)", login)
    }

    /// It has a redriven record to read, too.
    private func park(_ page: String, _ login: [String]) async throws -> Result {
        let service = try ScriptedService { _ in .status(400) }
        let consumer = try forward(to: service, login)
        try send([page])
        return try await watch(consumer) {
            guard text(of: consumer).contains("key_parked") else { return false }
            let before = service.requests.count
            _ = try await runFreely("redrive", ["--group", group, "--wait", "0ms", "--max-redrives", "1000"])
            _ = try await eventually(within: .seconds(20), "the redriven record, or what is missing") {
                service.requests.count > before || text(of: consumer).contains("grant ") ? true : nil
            }
            return !text(of: consumer).contains("grant ")
        }
    }

    private func forward(to service: ScriptedService, _ login: [String]) throws -> RelayProcess {
        let port = FreePort.next()
        return try RelayProcess(
            [
                "forward", "--group", group, "--url", service.url, "--operations", "127.0.0.1:\(port)",
                "--session-timeout", "6s", "--attempts", "1", "--allow-hosts", "127.0.0.1",
            ] + login,
            environment: environment,
            operationsPort: port
        )
    }

    /// Of a group that has run.
    func groups() async throws -> Result {
        let service = try ScriptedService { _ in .status(204) }
        let consumer = try forward(to: service, free)
        _ = try await watch(consumer) { service.requests.count >= 3 }
        return try await run("groups", ["--group", group])
    }

    /// Sends one dead letter back, which a consumer with all rights has written.
    func redrive() async throws -> Result {
        let service = try ScriptedService { _ in .status(400) }
        let page = "redriven-\(attempt)"
        let consumer = try forward(to: service, free)
        try send([page])
        _ = try await watch(consumer) { text(of: consumer).contains(page) }
        return try await run("redrive", ["--group", group, "--wait", "0ms"])
    }
}
