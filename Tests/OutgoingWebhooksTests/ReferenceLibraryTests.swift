import Foundation
import HTTPClient
import Kafka
import OutgoingWebhooks
import TestSupport
import Testing

/// The reference library of Standard Webhooks verifies what we sign.
@Suite(.needsPython(with: "standardwebhooks"))
struct ReferenceLibraryTests {
    static let secrets = [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr", "whsec_" + String(repeating: "A", count: 85) + "Q==",
    ]

    private static let record = Record(
        topic: "notion.events.v1",
        partition: 3,
        offset: 42,
        headers: [
            .init(name: "ce_id", value: Array("1c2b.Ünï \u{1F600}".utf8)),
            .init(name: "ce_type", value: Array("com.notion.page.created".utf8)),
            .init(name: "ce_subject", value: Array("page/a \"b\" 100%".utf8)),
            .init(name: "content-type", value: Array("application/json".utf8)),
        ],
        value: Array(#"{"title":"Größe, 大きさ"}"#.utf8)
    )

    private func post(
        _ record: Record,
        to url: String,
        _ secrets: [String],
        age: Int64 = 0
    ) async throws -> (verdict: AnswerVerdict, id: String) {
        let client = try Client()
        defer { client.close() }
        let now = Int64(Date.now.timeIntervalSince1970)
        let event = EventRequest(record)
        let request = try event.clientRequest(
            to: TargetURL(url),
            signer: WebhookSigner(secrets.map { secret throws(WebhookSecretError) in try WebhookSecret(secret) }),
            secondsSince1970: now - age,
            timeout: .seconds(10)
        )
        let answer: Result<ClientResponse, ClientError>
        do {
            answer = .success(try await client.send(request))
        } catch {
            answer = .failure(error)
        }
        return (AnswerVerdict(answer, AnswerRules(now: now)), event.webhookID)
    }

    @Test(arguments: secrets)
    func `a signed event is verified`(secret: String) async throws {
        let service = try await WebhookService(secrets: [secret])
        let sent = try await post(Self.record, to: service.url(), [secret])
        #expect(sent.verdict == .done)
        let seen = try #require(try await service.seen(1).first)
        #expect(seen.verified)
        #expect(seen.id == sent.id)
        #expect(seen.type == "com.notion.page.created")
        #expect(seen.subject == "page/a%20%22b%22%20100%25")
        #expect(seen.bytes == Self.record.value?.count)
        await service.stop()
    }

    @Test(arguments: [0, 1])
    func `while secrets rotate, a service with either verifies`(index: Int) async throws {
        let both = Array(Self.secrets.prefix(2))
        let service = try await WebhookService(secrets: [both[index]])
        #expect(try await post(Self.record, to: service.url(), both).verdict == .done)
        await service.stop()
    }

    @Test
    func `a tombstone and a record without headers are verified too`() async throws {
        let service = try await WebhookService(secrets: [Self.secrets[0]])
        let bare = Record(topic: "a.b", partition: 0, offset: 7, value: nil)
        #expect(try await post(bare, to: service.url(), [Self.secrets[0]]).verdict == .done)
        #expect(try await service.seen(1).map(\.id) == ["a%2Eb-0-7"])
        await service.stop()
    }

    @Test
    func `another secret and an old time are refused`() async throws {
        let service = try await WebhookService(secrets: [Self.secrets[0]])
        let other = try await post(Self.record, to: service.url(), [Self.secrets[1]])
        let old = try await post(Self.record, to: service.url(), [Self.secrets[0]], age: 3_600)
        for verdict in [other.verdict, old.verdict] {
            guard case .hold(nil, "status_401", _) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
        }
        #expect(try await service.seen(2).map(\.verified) == [false, false])
        await service.stop()
    }

    @Test
    func `the service answers what it is told`() async throws {
        let service = try await WebhookService(
            secrets: [Self.secrets[0]],
            options: ["--answers", "503,410", "--retry-after", "7"]
        )
        let first = try await post(Self.record, to: service.url(), [Self.secrets[0]]).verdict
        let second = try await post(Self.record, to: service.url(), [Self.secrets[0]]).verdict
        let third = try await post(Self.record, to: service.url("/?status=429&retry-after=3"), [Self.secrets[0]])
            .verdict
        let last = try await post(Self.record, to: service.url(), [Self.secrets[0]]).verdict
        #expect(
            first == .hold(after: .seconds(7), reason: "status_503", message: "the service answered 503")
        )
        guard case .deadLetter("gone", _) = second else { throw TimeoutError(description: "\(second)") }
        #expect(
            third == .hold(after: .seconds(3), reason: "status_429", message: "the service answered 429")
        )
        #expect(last == .done)
        await service.stop()
    }
}
