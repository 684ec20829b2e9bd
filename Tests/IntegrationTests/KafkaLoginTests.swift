import Foundation
import Kafka
import TestSupport
import Testing

/// Logins of every kind at a real broker with Kafka's own authorizer, by the built program.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct KafkaLoginTests {
    private static let token = "secret_loginsOfTheTests000000000000000000000"
    private static let topics = ["--topic", "events", "--dead-letter-topic", "letters"]

    private static func begin(
        tls: (pair: TestCertificates.Pair, authority: String)? = nil,
        properties: [String: String] = [:]
    ) async throws -> SecuredKafka {
        let kafka = try await SecuredKafka.start(tls: tls, properties: properties)
        try await kafka.create(["events", "letters"].map { NewTopic($0, partitions: 1, replicationFactor: 1) })
        return kafka
    }

    private static func edge(_ login: [String]) throws -> RelayProcess {
        let (port, operations) = (FreePort.next(), FreePort.next())
        return try RelayProcess(
            ["receive", "--listen", "127.0.0.1:\(port)", "--operations", "127.0.0.1:\(operations)"] + topics + login,
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": token],
            port: port,
            operationsPort: operations
        )
    }

    private static func allow(_ kafka: SecuredKafka, _ user: String) throws {
        let rights = ["events", "letters"].map { AccessControl.Right("Write", on: .topic($0)) }
        try kafka.access.set(rights, for: user)
    }

    private static func status(_ edge: RelayProcess) async -> String? {
        guard let connection = LoopbackConnection(port: edge.port) else { return nil }
        let delivery = SignedDelivery(token: token)
        await connection.send(delivery.request(path: "/notion/webhooks", fields: ["Connection: close"]))
        return await connection.receiveAll(within: .seconds(15)).text.split(separator: " ").dropFirst().first
            .map { String($0) }
    }

    private static func waitForRefusal(_ edge: RelayProcess, _ text: String) async throws {
        try await edge.child.errors.waitForLine(containing: "kafka_refuses", within: .seconds(30))
        try await edge.waitForReadiness(503)
        let ready = await LoopbackConnection.get(port: edge.operationsPort, "/readyz")?.body ?? ""
        #expect(ready.contains(text), "\(ready)")
        #expect(await status(edge) == "503")
    }

    @Test(.needsKafka)
    func `SCRAM with a wrong password is told and tried again, and works once the password is right`() async throws {
        let kafka = try await Self.begin()
        try Self.allow(kafka, "scram")
        try await kafka.setSCRAM(user: "scram", password: "right")
        let wrong = try Self.edge(kafka.arguments(.scram(user: "scram", password: "changed")))
        try await Self.waitForRefusal(wrong, "SASL authentication error")
        try await kafka.setSCRAM(user: "scram", password: "changed")
        // Brokers since Apache Kafka 4.0 refuse the SCRAM of a librdkafka before 2.6.1, which the line says.
        if "\(LibraryVersion.current)".compare("2.6.1", options: .numeric) != .orderedAscending {
            try await wrong.waitUntilReady(within: .seconds(90))
            #expect(await Self.status(wrong) == "200")
        } else {
            #expect(wrong.child.errors.text.contains("refuse SCRAM of librdkafka before 2.6.1"))
        }
        #expect(try await wrong.terminate() == .exited(0))
        let lines = wrong.child.errors.all.filter { $0.contains("kafka_refuses") }
        #expect(lines.count <= 8 && lines.allSatisfy { $0.contains("sasl.username and sasl.password") })
        #expect(!wrong.child.errors.text.contains("changed"), "a password is in the log")
    }

    @Test(.needsKafka, .needsProgram("openssl"))
    func `a client certificate logs in, and one that has expired or is of another authority does not`() async throws {
        let authority = try await TestCertificates()
        let server = try await authority.certificate("broker")
        let kafka = try await Self.begin(tls: (server, authority.authority.certificate))
        try Self.allow(kafka, "CN=relay,O=Tests")
        let good = try await authority.certificate("relay")
        let edge = try Self.edge(kafka.arguments(.certificate(good, authority: authority.authority.certificate)))
        try await edge.waitUntilReady()
        #expect(await Self.status(edge) == "200")
        #expect(try await edge.terminate() == .exited(0))

        let expired = try await authority.expiredCertificate("expired")
        let late = try Self.edge(kafka.arguments(.certificate(expired, authority: authority.authority.certificate)))
        try await Self.waitForRefusal(late, "SSL alert number")
        #expect(late.child.errors.text.contains("names and dates of the brokers' and the client's certificate"))
        await late.kill()

        let stranger = try await TestCertificates(authority: "Another Authority")
        let foreign = try Self.edge(kafka.arguments(.certificate(good, authority: stranger.authority.certificate)))
        try await Self.waitForRefusal(foreign, "certificate verify failed")
        await foreign.kill()
    }

    /// librdkafka before 2.2.0 cannot log in again on a connection: the broker closes it, and a new one takes over.
    @Test(.needsKafka)
    func `brokers that ask for the login again every second lose no delivery`() async throws {
        let kafka = try await Self.begin(properties: ["connections.max.reauth.ms": "1000"])
        try Self.allow(kafka, "user-0")
        let edge = try Self.edge(kafka.arguments(.plain(user: "user-0")))
        try await edge.waitUntilReady()
        let end = ContinuousClock.now + .seconds(6)
        var answers: [String?: Int] = [:]
        while ContinuousClock.now < end { answers[await Self.status(edge), default: 0] += 1 }
        #expect(answers.keys.map(\.self) == ["200"], "\(answers)")
        #expect(!edge.child.errors.text.contains("kafka_refuses"))
        #expect(try await edge.terminate() == .exited(0))
    }

    @Test(arguments: [
        ["receive"], ["forward", "--group", "g", "--url", "http://127.0.0.1:1"], ["tail"], ["topics", "plan"],
        ["groups"],
        ["redrive", "--group", "g"], ["replay", "--last", "1", "--to-stdout"], ["subscription", "list"],
        ["config", "validate", "receive"], ["config", "validate", "doctor"],
    ])
    func `OAUTHBEARER that cannot renew its tokens is refused at the start of every command`(
        command: [String]
    ) async throws {
        let options = ["security.protocol=SASL_SSL", "sasl.mechanisms=OAUTHBEARER"]
        let process = try RelayProcess(
            command + ["--kafka", "127.0.0.1:1"] + options.flatMap { ["--kafka-option", $0] },
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": Self.token]
        )
        #expect(try await process.exitStatus() == .exited(2))
        #expect(process.child.errors.text.contains("sasl.mechanisms=OAUTHBEARER"), "\(process.child.errors.text)")
    }

    @Test(arguments: [
        ("security.protokol=SSL", "security.protokol"), ("security.protocol=SSLL", "SSLL"),
        ("sasl.oauthbearer.method=odic", "sasl.oauthbearer.method"), ("client.id=x", "client.id"),
    ])
    func `a wrong option of librdkafka is found by config validate`(option: String, part: String) async throws {
        let process = try RelayProcess([
            "config", "validate", "tail", "--kafka", "127.0.0.1:1", "--kafka-option", option,
        ])
        #expect(try await process.exitStatus() == .exited(2))
        #expect(process.child.errors.text.contains(part) && !process.child.errors.text.contains("odic"))
    }
}
