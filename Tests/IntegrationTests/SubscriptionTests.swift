import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// Handshake to active on all replicas, rotation, forged handshakes, and records that cannot be trusted.
@Suite(.needsKafka, .timeLimit(.minutes(3)))
struct SubscriptionTests {
    @Test
    func `a handshake at one replica becomes a token of all three, without a restart and in no log`() async throws {
        let story = try await SubscriptionStory.begin()
        let replicas = try (0..<3).map { _ in try story.replica() }
        for replica in replicas { try await replica.waitUntilReady() }

        try await story.handshake(replicas[0], "secret_harbour", path: "/harbour")
        #expect(try await story.pending("secret_harbour").name?.text == "harbour")
        for replica in replicas {
            #expect(await story.post(replica, "secret_harbour") == 401, "pending verifies nothing")
        }
        try await story.activate("secret_harbour")
        try await story.until(200, "secret_harbour", at: replicas)
        try await story.until(200, "secret_harbour", at: replicas, path: "/harbour")
        #expect(await story.post(replicas[1], "secret_harbour", path: "/other") == 404)
        #expect(try await story.topic.read().handshakes.isEmpty)

        let late = try story.replica()
        try await late.waitUntilReady()
        #expect(await story.post(late, "secret_harbour") == 200, "a replica that starts later has it when it is ready")
        for replica in replicas + [late] {
            #expect(try await replica.terminate() == .exited(0))
            #expect(!replica.child.errors.text.contains("secret_harbour"))
            #expect(!replica.child.errors.text.contains(story.key.revealed()))
        }
    }

    @Test
    func `while a subscription rotates both tokens verify, one until its date, and it shows which is used`()
        async throws
    {
        let story = try await SubscriptionStory.begin()
        let replica = try story.replica()
        try await replica.waitUntilReady()
        for token in ["secret_old", "secret_new"] {
            try await story.handshake(replica, token, path: "/harbour")
            _ = try await story.pending(token)
            try await story.activate(token)
            try await story.until(200, token, at: [replica], path: "/harbour")
        }
        #expect(await story.post(replica, "secret_old", subscription: "s-old") == 200)
        let use = try await eventually(within: .seconds(5), "a use of each") {
            let uses = try await story.topic.read().uses
            return uses.count == 2 ? uses : nil
        }
        #expect(use.values.allSatisfy { $0.workspaceName == "Harbour Studio" })

        try await story.retire("secret_old", inSeconds: 4)
        #expect(await story.post(replica, "secret_old") == 200, "until its date")
        try await story.until(401, "secret_old", at: [replica], within: .seconds(15))
        #expect(await story.post(replica, "secret_new", path: "/harbour") == 200)
        let used = "notion_relay_token_deliveries_total{fingerprint=\"\(try story.fingerprint("secret_old"))\""
        #expect(await replica.metrics().contains(used))
        _ = try await replica.terminate()
    }

    @Test
    func `ten thousand forged handshakes fill neither memory nor topic, and events go on`() async throws {
        let story = try await SubscriptionStory.begin()
        let replica = try story.replica(["NOTION_RELAY_VERIFICATION_TOKENS": "secret_real"])
        try await replica.waitUntilReady()
        try await flood(replica, from: 0, count: 1_000)
        #expect(await story.post(replica, "secret_real") == 200)
        let before = try #require(replica.usage?.residentBytes)
        try await flood(replica, from: 1_000, count: 9_000)
        let after = try #require(replica.usage?.residentBytes)
        #expect(after - before < 4 << 20, "memory grew by \(after - before) bytes")
        #expect(await story.post(replica, "secret_real") == 200)
        let held = await replica.metric("notion_relay_handshakes_total{result=\"held\"}")
        let limited = await replica.metric("notion_relay_handshakes_total{result=\"limited\"}")
        #expect(held + limited == 10_000)
        #expect(held <= 12, "eight and one each half minute")
        let snapshot = try await story.topic.read()
        #expect(snapshot.handshakes.count <= 12)
        #expect(snapshot.subscriptions.isEmpty)
        #expect(try await story.recordCount() <= 2 * 12 + 4, "what was held, and the use of the real one")
        #expect(await story.post(replica, "secret_forged5") == 401)
        #expect(!replica.child.errors.text.contains("secret_forged"))
        _ = try await replica.terminate()
    }

    /// One connection, one request after the other.
    private func flood(_ replica: RelayProcess, from start: Int, count: Int) async throws {
        let connection = try #require(LoopbackConnection(port: replica.port))
        let batch = 100
        for first in stride(from: start, to: start + count, by: batch) {
            var bytes: [UInt8] = []
            for number in first..<(first + batch) {
                let body = #"{"verification_token":"secret_forged\#(number)"}"#
                let head = "POST /notion/webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                bytes += Array((head + body).utf8)
            }
            await connection.send(bytes)
            let wanted = batch
            let (answers, _) = await connection.receive(within: .seconds(20)) { bytes in
                String(decoding: bytes, as: UTF8.self).components(separatedBy: "HTTP/1.1 200").count > wanted
            }
            #expect(String(decoding: answers, as: UTF8.self).components(separatedBy: "HTTP/1.1 200").count == batch + 1)
        }
    }

    @Test
    func `a record that was tampered with leaves the token that was known, and the reason is told`() async throws {
        let story = try await SubscriptionStory.begin()
        let replica = try story.replica()
        try await replica.waitUntilReady()
        try await story.handshake(replica, "secret_harbour")
        _ = try await story.pending("secret_harbour")
        try await story.activate("secret_harbour")
        try await story.until(200, "secret_harbour", at: [replica])

        let tampered = try await story.tampered("secret_harbour", to: story.topic.topic)
        let metric = "notion_relay_subscription_records_refused_total{reason=\"tampered\"}"
        try await eventually(within: .seconds(5), "a refusal") { await replica.metric(metric) == 1 ? true : nil }
        #expect(await story.post(replica, "secret_harbour") == 200)
        #expect(await story.reasons(replica).contains(#""ready":true"#))
        #expect(replica.child.errors.text.contains("was changed or moved after it was sealed"))

        // Compacted, the topic has only the record that was tampered with: a replica without any other token is no use.
        let compacted = try await SubscriptionStory.begin()
        try await compacted.send(tampered)
        let late = try compacted.replica(["NOTION_RELAY_SEALING_KEY": story.key.revealed()])
        try await late.waitForReadiness(503)
        try await eventually(within: .seconds(5), "the reason") {
            await compacted.reasons(late).contains("was changed or moved after it was sealed") ? true : nil
        }
        #expect(await story.post(late, "secret_harbour") == 401)
        for replica in [replica, late] { _ = try await replica.terminate() }
    }

    @Test
    func `a replica with another sealing key is not ready and says which keys these are`() async throws {
        let story = try await SubscriptionStory.begin()
        let token = try #require(VerificationToken("secret_harbour"))
        try await story.topic.write([.subscription(Subscription(name: nil, activatedAt: 0), token)])
        let other = SealingKey.generate()
        let replica = try story.replica(["NOTION_RELAY_SEALING_KEY": other.revealed()])
        try await eventually(within: .seconds(15), "the reason") {
            await story.reasons(replica).contains("is sealed under the key \(story.key.id)") ? true : nil
        }
        #expect(await story.reasons(replica).contains("the one given is \(other.id)"))

        let both = try story.replica(["NOTION_RELAY_SEALING_KEY": "\(other.revealed()),\(story.key.revealed())"])
        try await both.waitUntilReady()
        #expect(await story.post(both, "secret_harbour") == 200, "the key that is being replaced opens too")
        for replica in [replica, both] { _ = try await replica.terminate() }
    }

    @Test
    func `without its topic a replica is not ready, doubtful signatures are 503, and it recovers by itself`()
        async throws
    {
        let story = try await SubscriptionStory.begin(creating: false)
        let replica = try story.replica()
        let configured = try story.replica(["NOTION_RELAY_VERIFICATION_TOKENS": "secret_real"])
        try await eventually(within: .seconds(20), "the reason") {
            await story.reasons(replica).contains("\(story.topic.topic) cannot be read: it does not exist") ? true : nil
        }
        try await configured.waitUntilReady()
        #expect(await story.post(configured, "secret_real") == 200)
        #expect(await story.post(configured, "secret_harbour") == 503, "it may be a token of the topic")
        #expect(await story.post(replica, "secret_harbour") == 503)

        try await story.createTopic()
        try await replica.waitUntilReady()
        let token = try #require(VerificationToken("secret_harbour"))
        try await story.topic.write([.subscription(Subscription(name: nil, activatedAt: 0), token)])
        try await story.until(200, "secret_harbour", at: [replica, configured], within: .seconds(15))
        for replica in [replica, configured] { _ = try await replica.terminate() }
    }

    @Test
    func `a replica keeps its tokens while the broker is gone, and follows the topic again afterwards`() async throws {
        let node = try await KafkaNode.start()
        let story = try await SubscriptionStory.begin(on: node)
        let replica = try story.replica(arguments: ["--message-timeout", "2s"])
        try await replica.waitUntilReady()
        try await story.handshake(replica, "secret_harbour")
        _ = try await story.pending("secret_harbour")
        try await story.activate("secret_harbour")
        try await story.until(200, "secret_harbour", at: [replica])

        await node.kill()
        #expect(await story.post(replica, "secret_harbour") == 503, "known, and Kafka is away")
        #expect(await story.post(replica, "secret_other") == 401)
        try await story.handshake(replica, "secret_meanwhile")
        try await node.restart()
        try await story.until(200, "secret_harbour", at: [replica], within: .seconds(30))
        let kept = try await eventually(within: .seconds(30), "the handshake that waited in memory") {
            try? await story.pending("secret_meanwhile")
        }
        #expect(kept.client == "127.0.0.1")
        try await story.activate("secret_meanwhile")
        try await story.until(200, "secret_meanwhile", at: [replica])
        _ = try await replica.terminate()
        await node.terminate()
    }

    @Test
    func `without a sealing key a token goes by a person's hand into a folder of tokens, without a restart`()
        async throws
    {
        let story = try await SubscriptionStory.begin()
        let folder = try TemporaryDirectory("tokens")
        defer { folder.remove() }
        try folder.write("secret_first\n", to: "lab")
        let replica = try story.replica(
            ["NOTION_RELAY_SEALING_KEY": nil, "NOTION_RELAY_VERIFICATION_TOKENS_FILE": folder.path],
            arguments: ["--enrolment", "open"]
        )
        try await replica.waitUntilReady()
        #expect(await story.post(replica, "secret_first", path: "/lab") == 200)
        try await story.handshake(replica, "secret_harbour", path: "/harbour")
        let revealed = try await post(replica.operationsPort, "/enrolment/reveal")
        #expect(revealed.contains(#""verification_token":"secret_harbour""#))
        #expect(try await !post(replica.operationsPort, "/enrolment/reveal").contains("secret_harbour"), "once")

        try folder.write("secret_harbour\n", to: "harbour")
        try await story.until(200, "secret_harbour", at: [replica], path: "/harbour", within: .seconds(15))
        try folder.write("not, a token\u{1}", to: "harbour")
        try await eventually(within: .seconds(15), "a refusal") {
            replica.child.errors.text.contains("token_files_refused") ? true : nil
        }
        #expect(await story.post(replica, "secret_harbour", path: "/harbour") == 200, "what was loaded before stays")
        _ = try await replica.terminate()
    }

    private func post(_ port: Int, _ path: String) async throws -> String {
        let connection = try #require(LoopbackConnection(port: port))
        let fields = "Host: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        await connection.send("POST \(path) HTTP/1.1\r\n" + fields)
        return await connection.receiveAll().text
    }
}
