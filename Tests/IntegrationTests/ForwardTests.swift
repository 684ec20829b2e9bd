import Foundation
import Kafka
import OrderedConsumer
import TestSupport
import Testing

/// `notion-relay forward` as a process, before a service in Python that verifies with the reference library.
@Suite(.timeLimit(.minutes(5)))
struct ForwardTests {
    private static let secrets = [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + String(repeating: "A", count: 43) + "=",
    ]

    /// Sends an event of each of these pages, in order; the ids are `<page>-<number>`.
    private func fill(_ topic: KeyedTopic, _ pages: [String], type: String = "page.content_updated") async throws {
        let producer = try Producer(ProducerSettings(client: topic.client), delivery: .awaited { _ in })
        defer { producer.close() }
        for (number, page) in pages.enumerated() {
            let headers = [
                ("ce_specversion", "1.0"), ("ce_id", "\(page)-\(number)"), ("ce_type", "com.notion.\(type)"),
                ("ce_subject", "page/\(page)"), ("ce_source", "/notion"), ("content-type", "application/json"),
            ]
            _ = try await producer.send(
                Record(
                    topic: topic.name,
                    key: Array(page.utf8),
                    headers: headers.map { Record.Header(name: $0.0, value: Array($0.1.utf8)) },
                    value: Array(#"{"number":\#(number)}"#.utf8)
                )
            )
        }
    }

    private func forward(
        _ topic: KeyedTopic,
        to url: String,
        secrets: [String] = secrets,
        _ arguments: [String] = []
    ) throws -> RelayProcess {
        let port = FreePort.next()
        return try RelayProcess(
            [
                "forward", "--kafka", topic.client.bootstrapServers[0], "--topic", topic.name, "--group", "f",
                "--url", url, "--operations", "127.0.0.1:\(port)", "--session-timeout", "6s", "--retry-delay", "20ms",
                "--retry-delay-max", "200ms",
            ] + arguments,
            environment: secrets.isEmpty ? [:] : ["NOTION_RELAY_WEBHOOK_SECRETS": secrets.joined(separator: ",")],
            operationsPort: port
        )
    }

    @Test(.needsKafka, .needsPython(with: "standardwebhooks"))
    func `events arrive signed by each secret and in the order of each page`() async throws {
        let topic = try await KeyedTopic(partitions: 3)
        let service = try await WebhookService(secrets: [Self.secrets[1]])
        let pages = (0..<60).map { "page-\($0 % 6)" }
        try await fill(topic, pages)
        let relay = try forward(topic, to: service.url())
        try await relay.waitUntilReady()
        let seen = try await service.seen(60)
        #expect(seen.allSatisfy { $0.verified && $0.status == 204 })
        for page in Set(pages) {
            let ids = seen.filter { $0.subject == "page/\(page)" }.compactMap(\.id)
            #expect(ids == pages.enumerated().filter { $0.element == page }.map { "\(page)-\($0.offset)" })
        }
        #expect(await relay.metric(#"notion_relay_forward_requests_total{result="2xx"}"#) == 60)
        #expect(await relay.metric(#"notion_relay_consumer_records_total{result="done"}"#) == 60)
        #expect(try await relay.terminate() == .exited(0), "\(relay.child.errors.tail())")
        #expect(try await topic.committed(group: "f").map(\.offset).reduce(0, +) == 60)
        await service.stop()
    }

    @Test(.needsKafka, .needsPython(with: "standardwebhooks"))
    func `answers decide: 503 waits and comes again, 410 goes to the dead letters, other types are not sent`()
        async throws
    {
        let topic = try await KeyedTopic()
        let service = try await WebhookService(
            secrets: Self.secrets,
            options: ["--answers", "503,503,204,410", "--retry-after", "1"]
        )
        try await fill(topic, ["a"])
        try await fill(topic, ["b"], type: "comment.created")
        let relay = try forward(topic, to: service.url(), ["--types", "page.*", "--lanes", "1"])
        try await relay.waitUntilReady()
        let start = ContinuousClock.now
        let first = try await service.seen(3)
        #expect(first.map(\.status) == [503, 503, 204] && Set(first.map(\.id)) == ["a-0"])
        #expect(ContinuousClock.now - start > .seconds(1.5), "Retry-After was not waited for")
        try await fill(topic, ["c", "c"])
        let fourth = try await service.seen(4)
        #expect(fourth[3].status == 410)
        for reason in ["gone", "parked"] {
            try await eventually(within: .seconds(20), "the dead letter with \(reason)") {
                let count = await relay.metric(#"notion_relay_consumer_dead_letters_total{reason="\#(reason)"}"#)
                return count == 1 ? true : nil
            }
        }
        #expect(await relay.metric(#"notion_relay_consumer_records_total{result="skipped"}"#) == 1)
        #expect(await relay.metric("notion_relay_consumer_parked_keys") == 1)
        #expect(try await relay.terminate() == .exited(0), "\(relay.child.errors.tail())")
        await service.stop()
    }

    @Test(.needsKafka, .needsPython(with: "standardwebhooks"))
    func `an operator pauses the group by its operations port and lets it go on by the command`() async throws {
        let topic = try await KeyedTopic()
        let service = try await WebhookService(secrets: Self.secrets)
        let relay = try forward(topic, to: service.url())
        try await relay.waitUntilReady()
        let connection = try #require(LoopbackConnection(port: relay.operationsPort))
        let head = [
            "POST /consumer/pause HTTP/1.1", "Host: localhost", "Content-Length: 0", "Connection: close", "", "",
        ]
        await connection.send(head.joined(separator: "\r\n"))
        #expect(await connection.receiveAll().text.hasPrefix("HTTP/1.1 202 "))
        try await eventually(within: .seconds(20), "the pause") {
            await relay.metric("notion_relay_consumer_paused") == 1 ? true : nil
        }
        try await fill(topic, ["a"])
        try await eventually(within: .seconds(20), "the event to wait") {
            await relay.metric("notion_relay_consumer_waiting_records") == 1 ? true : nil
        }
        #expect(await relay.metric(#"notion_relay_forward_requests_total{result="2xx"}"#) == 0)
        let resume = try RelayProcess([
            "groups", "resume", "--kafka", topic.client.bootstrapServers[0], "--topic", topic.name, "--group", "f",
        ])
        #expect(try await resume.exitStatus() == .exited(0), "\(resume.child.errors.tail())")
        #expect(try await service.seen(1).first?.id == "a-0")
        #expect(try await relay.terminate() == .exited(0))
        await service.stop()
    }

    @Test(.needsKafka)
    func `a service that is away is waited for, and its events are kept`() async throws {
        let topic = try await KeyedTopic()
        try await fill(topic, ["a"])
        let relay = try forward(topic, to: "http://127.0.0.1:\(FreePort.next())/", secrets: [], ["--attempts", "2"])
        let readiness = try await eventually(within: .seconds(30), "a hold") {
            let answer = await LoopbackConnection.get(port: relay.operationsPort, "/readyz")
            return answer?.body.contains("held since") == true ? answer : nil
        }
        #expect(readiness.body.contains("could not connect"), "\(readiness.body)")
        try await eventually(within: .seconds(20), "some attempts") {
            await relay.metric("notion_relay_consumer_retries_total") > 3 ? true : nil
        }
        #expect(await relay.metric("notion_relay_consumer_held") == 1)
        #expect(relay.child.errors.text.contains("\"event\":\"unsigned\""))
        #expect(relay.child.errors.text.split(separator: "\n").count { $0.contains("\"event\":\"held\"") } == 1)
        #expect(try await relay.terminate() == .exited(0), "\(relay.child.errors.tail())")
        #expect(try await topic.committed(group: "f").allSatisfy { $0.offset == 0 })
    }

    @Test(arguments: [
        (["--url", "http://user:secret@localhost/"], "--url"),
        (["--url", "http://localhost/", "--allow-hosts", "example.com"], "allow-hosts"),
        (["--url", "http://localhost/", "--types", "Page Created"], "--types"),
        (["--url", "http://localhost/", "--group", "no/topic"], "--group"),
        (["--url", "http://localhost/", "--lanes", "0"], "--lanes"),
    ])
    func `wrong settings are said before anything is started`(_ arguments: [String], _ part: String) async throws {
        let relay = try RelayProcess(["forward", "--kafka", "127.0.0.1:1", "--group", "f"] + arguments)
        #expect(try await relay.exitStatus() == .exited(2))
        let said = relay.child.errors.text
        #expect(said.contains(part) && !said.contains("secret"), "\(said)")
    }

    @Test
    func `a secret that is none is refused without being shown`() async throws {
        let relay = try RelayProcess(
            ["forward", "--kafka", "127.0.0.1:1", "--group", "f", "--url", "http://localhost/"],
            environment: ["NOTION_RELAY_WEBHOOK_SECRETS": "whsec_tooShort"]
        )
        #expect(try await relay.exitStatus() == .exited(2))
        let said = relay.child.errors.text
        #expect(said.contains("NOTION_RELAY_WEBHOOK_SECRETS") && !said.contains("tooShort"), "\(said)")
    }
}
