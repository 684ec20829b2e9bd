import Foundation
import Kafka
import NotionEvents
import NotionWebhooks
import Receiver
import TestSupport
import Testing

/// Every payload that Notion is known to send, over the wire, with the signature that belongs to it.
@Suite(.timeLimit(.minutes(3)))
struct PayloadTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let trace = "00-0102030405060708090a0b0c0d0e0f10-1112131415161718-01"
    // 2026-09-21T14:13:20.123Z, as in the goldens.
    private static let now: Int64 = 1_790_000_000_123

    private static func request(_ body: [UInt8], _ signature: String) -> [UInt8] {
        HostileRequest.request(
            "POST /notion/webhooks HTTP/1.1",
            [
                "X-Notion-Signature: \(signature)", "Content-Type: application/json", "traceparent: \(trace)",
                "Content-Length: \(body.count)",
            ],
            body
        )
    }

    @Test
    func `every payload arrives with the key, headers and value of its golden, in its key's partition`() async throws {
        let payloads = NotionPayload.all
        let edge = try await EdgeUnderTest.start(
            tokens: [VerificationToken(NotionPayload.tokenText)],
            now: { Self.now }
        )
        #expect(payloads.count == 41)
        for payload in payloads {
            let answer = try await edge.answer(to: Self.request(payload.body, payload.signature))
            #expect(answer.status == 200, "\(payload.name)")
        }
        let records = try await edge.records(EdgeUnderTest.events)
        var found: [String: Int] = [:]
        for record in records {
            found[Self.text(of: record), default: 0] += 1
            let key = try #require(record.key)
            #expect(record.partition == partition(forKey: key.span, count: 12))
            #expect(record.timestampMilliseconds == Self.now)
        }
        for payload in payloads where payload.name != "handshake.json" {
            let name = payload.name.replacing(".json", with: ".golden")
            let golden = try String(
                contentsOf: Self.tests.appending(path: "NotionEventsTests/Golden/\(name)"),
                encoding: .utf8
            )
            // The second line is the type's index, which the record does not carry.
            let lines = golden.split(separator: "\n", omittingEmptySubsequences: false)
            let expected = ([lines[0]] + lines[2...]).joined(separator: "\n")
            #expect(found[expected, default: 0] >= 1, "\(payload.name) is in the topic as its golden says")
        }
        #expect(records.count == payloads.count - 1)
        #expect(edge.count(of: .handshake) == 1)
        await edge.stop()
    }

    @Test
    func `in structured mode each payload's record is a CloudEvent that holds its golden's event`() async throws {
        let payloads = NotionPayload.all
        let edge = try await EdgeUnderTest.start(tokens: [VerificationToken(NotionPayload.tokenText)]) {
            $0.contentMode = .structured
        }
        for payload in payloads {
            #expect(try await edge.answer(to: Self.request(payload.body, payload.signature)).status == 200)
        }
        let records = try await edge.records(EdgeUnderTest.events)
        #expect(records.count == payloads.count - 1)
        let values = records.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        for payload in payloads where payload.name != "handshake.json" {
            let name = payload.name.replacing(".json", with: ".golden")
            let golden = try String(
                contentsOf: Self.tests.appending(path: "NotionEventsTests/Golden/\(name)"),
                encoding: .utf8
            )
            let event = golden.split(separator: "\n").last ?? ""
            #expect(values.contains { $0.hasSuffix(#","data":\#(event)}"#) }, "\(payload.name)")
        }
        for record in records {
            #expect(record.header("content-type") == Array("application/cloudevents+json; charset=UTF-8".utf8))
            #expect(record.headers.count == 12)
        }
        await edge.stop()
    }

    private static func text(of record: Record) -> String {
        func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
        let headers = record.headers.sorted { $0.name < $1.name }.map { "\($0.name): \(text($0.value))\n" }.joined()
        return "key: \(text(record.key))\n\(headers)\n\(text(record.value))\n"
    }

    @Test
    func `every payload with one byte changed is refused and leaves no trace`() async throws {
        let payloads = NotionPayload.all
        let edge = try await EdgeUnderTest.start(tokens: [VerificationToken(NotionPayload.tokenText)])
        var random = SystemRandomNumberGenerator()
        for payload in payloads {
            var body = payload.body
            let place = body.indices.randomElement(using: &random) ?? 0
            body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let answer = try await edge.answer(to: Self.request(body, payload.signature))
            #expect(answer.status == 401, "\(payload.name), byte \(place)")
        }
        #expect(try await edge.recordCount(EdgeUnderTest.events) == 0)
        #expect(try await edge.recordCount(EdgeUnderTest.deadLetters) == 0)
        #expect(edge.count(of: .badSignature) == payloads.count)
        await edge.stop()
    }
}
