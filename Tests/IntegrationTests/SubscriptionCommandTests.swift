import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// The built program's `subscription` commands before a real broker: from a handshake to a retired token.
@Suite(.timeLimit(.minutes(3)))
struct SubscriptionCommandTests {
    private static let secret = "secret_never_shown_unasked"
    private static let minute: Int64 = 60_000

    /// A subscriptions topic of its own, and who works with it.
    fileprivate struct Desk {
        let topic: String
        let client: ClientSettings
        let key: SealingKey

        init(_ key: SealingKey = .generate()) async throws {
            (topic, client) = try await SharedKafka.topic("subscriptions", config: SubscriptionsTopic.config)
            self.key = key
            try await settle()
        }

        /// A topic that was just made may not be led yet; who writes waits for that, who reads is told so.
        func settle() async throws {
            let other = VerificationToken("secret_other").map { Fingerprint($0) }
            if let other { try await records.write([.gone(.handshake(other))]) }
        }

        var records: SubscriptionsTopic { SubscriptionsTopic(client, topic: topic, keys: SealingKeys([key])) }

        /// Runs a command. Whatever it says, the token is in it only if it was asked for.
        func run(
            _ words: [String],
            key: SealingKey?,
            environment: [String: String] = [:],
            expecting status: Int32 = 0,
            revealing: Bool = false
        ) async throws -> (output: [String], errors: [String]) {
            let place = ["--kafka", client.bootstrapServers[0], "--subscriptions-topic", topic]
            var environment = environment
            if let key { environment["NOTION_RELAY_SEALING_KEY"] = key.revealed() }
            let process = try RelayProcess(["subscription"] + words + place, environment: environment)
            let end = try await process.exitStatus()
            let output = try await process.child.output.allUntilEnd()
            let errors = try await process.child.errors.allUntilEnd()
            #expect(end == .exited(status), "\(words): \(output) \(errors)")
            #expect(errors.allSatisfy { !$0.contains(SubscriptionCommandTests.secret) })
            #expect(revealing || output.allSatisfy { !$0.contains(SubscriptionCommandTests.secret) })
            return (output, errors)
        }

        func run(
            _ words: String...,
            expecting status: Int32 = 0,
            revealing: Bool = false
        ) async throws -> (
            output: [String], errors: [String]
        ) {
            try await run(words, key: key, expecting: status, revealing: revealing)
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    private func token(_ text: String = secret) throws -> VerificationToken { try #require(VerificationToken(text)) }

    private func handshake(_ token: VerificationToken, expiresIn: Int64 = minute) -> SubscriptionRecord {
        .handshake(
            ReceivedHandshake(
                name: SubscriptionName("harbour"),
                client: "192.0.2.7",
                receivedAt: Self.now - 5_000,
                expiresAt: Self.now + expiresIn
            ),
            token
        )
    }

    @Test(.needsKafka)
    func `keygen prints a key and nothing else, and needs no broker`() async throws {
        let process = try RelayProcess(["subscription", "keygen"])
        #expect(try await process.exitStatus() == .exited(0))
        let lines = try await process.child.output.allUntilEnd()
        let key = try #require(SealingKey(lines.first ?? ""))
        #expect(lines.count == 1)
        let errors = try await process.child.errors.allUntilEnd().joined(separator: "\n")
        #expect(errors.contains(key.id) && errors.contains("NOTION_RELAY_SEALING_KEY") && !errors.contains(lines[0]))
    }

    @Test(.needsKafka)
    func `a token's whole life, from handshake to import`() async throws {
        let desk = try await Desk()
        let token = try token()
        let name = token.fingerprint
        let empty = try await desk.run("pending")
        #expect(empty.output.isEmpty && empty.errors.last?.contains("no token is pending") == true)
        try await desk.records.write([handshake(token)])

        let pending = try await desk.run("pending")
        #expect(pending.output.count == 2 && pending.output[1].hasPrefix("\(name)  "))
        #expect(pending.output[1].contains("harbour  192.0.2.7"))
        #expect(pending.errors.last?.contains("subscription activate \(name)") == true)
        let revealed = try await desk.run("pending", "--reveal", revealing: true)
        #expect(revealed.output.last?.hasSuffix("  \(Self.secret)") == true)

        let active = try await desk.run("activate", name)
        #expect(active.output.count == 1 && active.output[0].hasPrefix("\(name) (harbour) is active since "))
        let unused = try await desk.run("pending", "--format", "json").output
        #expect(unused.count == 1 && unused[0].contains(#""state":"activated""#) && !unused[0].contains(Self.secret))
        let again = try await desk.run("activate", name.uppercased(), "--name", "quay")
        #expect(again.output[0].hasPrefix("\(name) (quay) is active since "))

        let use = TokenUse(
            subscriptionID: "sub-1",
            workspaceID: "w-1",
            workspaceName: "Harbour Studio",
            integrationID: "",
            firstAt: Self.now,
            lastAt: Self.now
        )
        try await desk.records.write([.use(use, of: Fingerprint(token))])
        let retiring = try await desk.run("retire", name, "--at", "2999-01-01T00:00:00Z")
        #expect(retiring.output == ["\(name) (quay) verifies until 2999-01-01T00:00:00.000Z"])
        #expect(retiring.errors.count == 2 && retiring.errors[1].contains("of the subscription sub-1 came at"))
        _ = try await desk.run("activate", name)
        let retired = try await desk.run("retire", name)
        #expect(retired.output[0].hasPrefix("\(name) (quay) is retired since "))
        let snapshot = try await desk.records.read()
        #expect(snapshot.subscriptions[Fingerprint(token)]?.content.state(at: Self.now) == .retired)

        let imported = try await desk.run(
            ["import", "--name", "quay"],
            key: desk.key,
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": "\(Self.secret),secret_second"]
        )
        #expect(imported.errors.contains { $0.contains("\(name) was retired and stays so") })
        let second = try self.token("secret_second").fingerprint
        #expect(imported.output.last?.hasPrefix("\(second) (quay) is active since ") == true)
        _ = try await desk.run("retire", second)
    }

    @Test(.needsKafka)
    func `an operator brings a token from one replica to Notion and to all replicas, and takes it away`() async throws {
        let story = try await SubscriptionStory.begin()
        let replicas = try (0..<2).map { _ in try story.replica() }
        for replica in replicas { try await replica.waitUntilReady() }
        try await story.handshake(replicas[0], Self.secret, path: "/harbour")
        _ = try await story.pending(Self.secret)
        let name = try story.fingerprint(Self.secret)
        #expect(try await story.operate(["subscription", "pending"]).output.contains("\(name)  "))
        let revealed = try await story.operate(["subscription", "pending", "--reveal"])
        #expect(revealed.output.contains(Self.secret) && !revealed.errors.contains(Self.secret))

        let active = try await story.operate(["subscription", "activate", name])
        #expect(active.output.hasPrefix("\(name) (harbour) is active since "))
        try await eventually(within: .seconds(5), "both replicas to accept its events") {
            for replica in replicas {
                let status = await story.post(replica, Self.secret, path: "/harbour", subscription: "sub-1")
                guard status == 200 else { return nil as Bool? }
            }
            return true
        }
        let list = try await eventually(within: .seconds(10), "the token's subscription in the list") {
            let list = try await story.operate(["subscription", "list", "--topic", story.events])
            let rows = list.output.split(separator: "\n")
            return rows.contains { $0.hasPrefix(name) && $0.contains("  sub-1  ") } ? list : nil
        }
        #expect(list.output.contains("Harbour Studio") && list.output.contains("page.created "))

        let retired = try await story.operate(["subscription", "retire", name])
        #expect(retired.errors.contains("\(name) is in use: an event of the subscription"))
        try await story.until(401, Self.secret, at: replicas)
        for replica in replicas {
            #expect(try await replica.terminate() == .exited(0))
            #expect(!replica.child.errors.text.contains(Self.secret))
        }
    }

    @Test(.needsKafka)
    func `the list shows tokens and traffic, with either topic or both`() async throws {
        let desk = try await Desk()
        let token = try token()
        let subscription = Subscription(name: SubscriptionName("harbour"), activatedAt: Self.now)
        let use = TokenUse(
            subscriptionID: "sub-1",
            workspaceID: "w-1",
            workspaceName: "Harbour Studio",
            integrationID: "",
            firstAt: Self.now,
            lastAt: Self.now
        )
        try await desk.records.write([.subscription(subscription, token), .use(use, of: Fingerprint(token))])
        let events = try await SharedKafka.topic("events", partitions: 2)
        let records = (0..<30).map { number in
            let headers = [
                ("ce_source", "/notion/workspaces/w-1/subscriptions/sub-\(number % 3 == 0 ? 2 : 1)"),
                ("ce_type", "com.notion.page.created"), ("ce_attempt", number == 1 ? "2" : "1"),
            ]
            return Record(
                topic: events.name,
                timestampMilliseconds: Self.now - Int64(number) * 1000,
                key: Array("k\(number)".utf8),
                headers: headers.map { .init(name: $0.0, value: Array($0.1.utf8)) },
                value: nil
            )
        }
        try RecordSender.send(records, events.client)
        let list = try await desk.run("list", "--topic", events.name)
        let words = list.output.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(words[1].hasPrefix("\(token.fingerprint) harbour active Harbour Studio sub-1 "))
        #expect(words[1].hasSuffix(" 20 5.0% no") && words[2] == "page.created 20")
        #expect(words[3].hasPrefix("- - unbound w-1 sub-2 ") && words[3].hasSuffix(" 10 0.0% -"))
        #expect(list.errors.isEmpty)

        let blind = try await desk.run(["list", "--topic", "nowhere", "--format", "json"], key: nil)
        #expect(blind.errors.count == 2 && blind.errors[0].contains("there is no topic nowhere"))
        #expect(blind.output[0].contains(#""state":"active","subscription_id":"sub-1""#))
        let last = try await desk.run("list", "--topic", events.name, "--subscriptions-topic=nowhere", expecting: 2)
        #expect(last.errors == ["notion-relay: --subscriptions-topic is given twice"])
    }

    @Test(.needsKafka)
    func `another key, a changed record and a missing topic are said in a line`() async throws {
        let desk = try await Desk()
        let (first, second) = (try token(), try token("secret_second"))
        try await desk.records.write([handshake(first), handshake(second)])
        let other = SealingKey.generate()
        for words in [["pending", "--reveal"], ["activate", first.fingerprint]] {
            let result = try await desk.run(words, key: other, expecting: 1)
            let said = (result.output + result.errors).joined(separator: "\n")
            #expect(said.contains("under the key \(desk.key.id), and the one given is \(other.id)"), "\(said)")
        }
        // Somebody who has no key writes another expiry, and moves a sealed token to another value that way.
        let good = handshake(second, expiresIn: 2 * Self.minute)
        var bad = good.record(in: desk.topic, sealedWith: SealingKeys([desk.key]))
        bad.key = SubscriptionRecord.gone(.handshake(Fingerprint(try token("secret_third")))).key.bytes
        let producer = try Producer(ProducerSettings(client: desk.client), delivery: .awaited { _ in })
        _ = try await producer.send(bad)
        producer.close()
        let third = try token("secret_third").fingerprint
        let tampered = try await desk.run("activate", third, expecting: 1)
        #expect(tampered.errors[0].contains("handshake/\(third) was changed or moved after it was sealed"))
        let revealed = try await desk.run("pending", "--reveal", expecting: 1, revealing: true)
        #expect(revealed.output.count == 4 && revealed.output.contains { $0.hasSuffix("after it was sealed") })

        let nowhere = Desk(topic: "nowhere", client: desk.client, key: desk.key)
        let missing = try await nowhere.run("pending", expecting: 1)
        #expect(missing.errors == ["notion-relay: there is no topic nowhere; notion-relay topics apply creates it"])
    }

    @Test(.needsKafka)
    func `topics apply makes the topic as the commands want it`() async throws {
        let desk = try await Desk()
        let topic = desk.topic + "-made"
        let names = ["--topic", topic + "-events", "--dead-letter-topic", topic + "-dead"]
        let words = names + ["--subscriptions-topic", topic, "--kafka", desk.client.bootstrapServers[0]]
        for command in ["apply", "plan"] {
            let process = try RelayProcess(["topics", command] + words)
            #expect(try await process.exitStatus() == .exited(0))
            let verb = command == "apply" ? "created  " : "ok       "
            #expect(try await process.child.output.allUntilEnd().contains { $0.hasPrefix(verb + topic) })
        }
        let admin = try Admin(desk.client)
        defer { admin.close() }
        let made = try #require(try await admin.describeTopics([topic])[topic])
        #expect(made.partitionCount == 1)
        for (name, value) in SubscriptionsTopic.config { #expect(made.config[name]?.value == value, "\(name)") }
        let applied = Desk(topic: topic, client: desk.client, key: desk.key)
        try await applied.settle()
        #expect(try await applied.run("pending").errors.count == 1)
    }

    @Test(.needsKafka)
    func `two operators at once leave one state, and both are told it`() async throws {
        let desk = try await Desk()
        let token = try token()
        try await desk.records.write([handshake(token)])
        async let one = desk.finish(["activate", token.fingerprint, "--name", "one"])
        async let two = desk.finish(["activate", token.fingerprint, "--name", "two"])
        let ends = try await [one, two]
        let snapshot = try await desk.records.read()
        let entry = try #require(snapshot.subscriptions[Fingerprint(token)])
        let name = try #require(entry.content.name?.text)
        #expect(["one", "two"].contains(name) && snapshot.handshakes.isEmpty)
        // Whoever ends with 0 saw its own name; the other one may have come before or been told.
        let winner = ends[name == "one" ? 0 : 1]
        #expect(winner.isDone && winner.output[0].contains("(\(name)) is active"))
        let loser = ends[name == "one" ? 1 : 0]
        #expect(loser.isDone || loser.output[0].contains("(\(name))"), "\(loser)")
    }

    @Test(.needsKafka)
    func `wrong uses end with 2 and say what is right`() async throws {
        let desk = try await Desk()
        let wrong: [([String], SealingKey?, Int32, String)] = [
            (["pending", "--reveal"], nil, 2, "the sealing key is needed to reveal tokens"),
            (["activate"], desk.key, 2, "FINGERPRINT is missing"),
            (["activate", Self.secret], desk.key, 2, "FINGERPRINT: the value is not a fingerprint"),
            (["activate", "0123456789ab"], nil, 2, "the sealing key is needed to activate a token"),
            (["activate", "0123456789ab", "--name", "No Name"], desk.key, 2, "--name: allowed is 1 to 64"),
            (["activate", "0123456789ab"], desk.key, 1, "no token has the fingerprint 0123456789ab"),
            (
                ["retire", "0123456789ab", "--at", "2020-01-01"], desk.key, 2,
                "--at 2020-01-01T00:00:00.000Z has passed"
            ),
            (["retire", "0123456789ab", "--at", "friday"], desk.key, 2, "is not a time"),
            (["import"], desk.key, 2, "there is no token to import"),
        ]
        for (words, key, status, text) in wrong {
            let result = try await desk.run(words, key: key, expecting: status)
            #expect(result.errors.count == 1 && result.errors[0].contains(text), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        let bad = try await desk.run(
            ["pending"],
            key: nil,
            environment: ["NOTION_RELAY_SEALING_KEY": "a"],
            expecting: 2
        )
        #expect(bad.errors == ["notion-relay: sealing key 1 is not one: a key is \(SealingKey.allowed)"])
    }
}

extension SubscriptionCommandTests.Desk {
    fileprivate init(topic: String, client: ClientSettings, key: SealingKey) {
        (self.topic, self.client, self.key) = (topic, client, key)
    }

    /// Runs a command that may end either way.
    fileprivate func finish(_ words: [String]) async throws -> (isDone: Bool, output: [String]) {
        let place = ["--kafka", client.bootstrapServers[0], "--subscriptions-topic", topic]
        let process = try RelayProcess(
            ["subscription"] + words + place,
            environment: ["NOTION_RELAY_SEALING_KEY": key.revealed()]
        )
        let isDone = try await process.exitStatus() == .exited(0)
        return (isDone, try await process.child.output.allUntilEnd())
    }
}
