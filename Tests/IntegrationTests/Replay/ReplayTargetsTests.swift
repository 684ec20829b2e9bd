import Foundation
import Kafka
import NotionEvents
import NotionWebhooks
import TestSupport
import Testing

/// A service that a replay posts to, and stored bodies that become events.
@Suite(.timeLimit(.minutes(3)))
struct ReplayTargetsTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test(.needsKafka, .needsPython(with: "standardwebhooks"))
    func `a service gets a stretch again, signed, in the order of each page, through its failures`() async throws {
        let history = try await HistoryTopic(400, pages: 20, partitions: 4, seed: 111)
        let service = try await WebhookService(secrets: [Self.secret], options: ["--answers", "503,500,204"])
        let replay = try ReplayProcess(
            history,
            ["--from", "beginning", "--to-url", service.url()],
            environment: ["NOTION_RELAY_WEBHOOK_SECRETS": Self.secret]
        )
        let summary = try await replay.summary()
        #expect(summary.sent == 400 && summary.failed == 0, "\(replay.notices)")
        let seen = try await service.seen(402)
        #expect(seen.allSatisfy { $0.verified })
        let taken = seen.filter { $0.status == 204 }
        for (page, numbers) in ReplayedTopic.expected(history.events) {
            let ids = taken.filter { $0.subject == "page/\(page)" }.compactMap(\.id)
            #expect(ids.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } } == numbers)
        }
        await service.stop()
    }

    @Test(.needsKafka)
    func `a service that refuses everything ends the replay, and is offered all of it again`() async throws {
        let history = try await HistoryTopic(200, pages: 50, partitions: 1, seed: 112)
        let isReady = Switch()
        let service = try ScriptedService { _ in .status(isReady.isOn ? 204 : 422) }
        let name = "refused-\(history.name)"
        let first = try ReplayProcess(history, ["--from", "beginning", "--to-url", service.url, "--resume", name])
        let summary = try await first.summary(expecting: 1)
        #expect(summary.end == "broken" && summary.sent == 0 && summary.reason?.contains("one after the other") == true)
        isReady.turnOn()
        let second = try ReplayProcess(kafka: history.kafka, from: nil, ["--resume", name])
        #expect(try await second.summary().sent == 200)
        service.stop()
    }

    @Test(.needsKafka)
    func `stored bodies become events when they are understood and their signature still holds`() async throws {
        let (letters, client) = try await SharedKafka.topic("dead-letter", partitions: 2)
        let target = try await SharedKafka.target(partitions: 3)
        let good =
            #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451295","type":"page.created","#
            + #""timestamp":"2026-10-06T09:02:47.713Z","#
            + #""entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"}}"#
        let broken = #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451296","type":"page.created"}"#
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        func put(_ body: String, token: String, tampered: Bool = false) async throws {
            let signed = SignedDelivery(token: token, body: body)
            let headers = [
                ("relay-dead-letter-reason", "not_json"), ("relay-signature", signed.signature),
                ("relay-received-at", "2026-10-06T09:02:48.000Z"), ("content-type", "application/octet-stream"),
            ]
            _ = try await producer.send(
                Record(
                    topic: letters,
                    headers: headers.map { Record.Header(name: $0.0, value: Array($0.1.utf8)) },
                    value: signed.body + (tampered ? [0x20] : [])
                )
            )
        }
        try await put(good, token: "secret_one")
        try await put(good, token: "secret_other")
        try await put(good, token: "secret_one", tampered: true)
        try await put(broken, token: "secret_one")
        _ = try await producer.send(Record(topic: letters, value: Array(good.utf8)))
        let replay = try ReplayProcess(
            kafka: client.bootstrapServers[0],
            from: letters,
            ["--from", "beginning", "--renormalize", "--to-topic", target],
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": "secret_one"]
        )
        let summary = try await replay.summary()
        #expect(summary.sent == 1)
        #expect(summary.unreadable == ["bad_signature": 2, "missing_entity_id": 1, "not_a_dead_letter": 1])
        let events = try await WholeTopic.records(of: target, client)
        let event = try #require(events.first)
        #expect(events.count == 1 && event.key == Array("2f1d1674-a7fc-8581-93fb-dfdca3936e9c".utf8))
        #expect(event.timestampMilliseconds == 1_791_277_368_000)
        #expect(event.header("ce_type") == Array("com.notion.page.created".utf8))
        #expect(
            event.header("relay-replayed-from").map { String(decoding: $0, as: UTF8.self) }?.hasPrefix(letters) == true
        )
        let value = event.value ?? []
        let understood = try Event(value: value.span)
        #expect(understood.id == "3d653490-fc91-4c5c-a3ae-ef140e451295")

        let again = try ReplayProcess(
            kafka: client.bootstrapServers[0],
            from: letters,
            ["--from", "beginning", "--renormalize", "--cloudevents", "structured", "--to-topic", target],
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": "secret_one"]
        )
        #expect(try await again.summary().sent == 1)
        let last = try #require(try await WholeTopic.records(of: target, client).last { $0.key == event.key })
        #expect(last.header("content-type") == Array("application/cloudevents+json; charset=UTF-8".utf8))
        let envelope = last.value ?? []
        #expect(try Event(value: envelope.span) == understood)
    }
}
