import Kafka
import NotionEvents
import NotionWebhooks
import Testing

@testable import Replayer

/// Stored bodies that an older version did not understand.
struct RenormalizerTests {
    private static let token = VerificationToken("secret_forTestsOnly")

    private func letter(_ members: String, reason: String) throws -> Record {
        let body = Array(#"{"id":"e","type":"page.created","entity":{"id":"x","type":"page"},\#(members)}"#.utf8)
        let headers = [
            ("relay-dead-letter-reason", reason),
            ("relay-signature", Signature.sign(body.span, with: try #require(Self.token))),
            ("relay-received-at", "2026-10-06T09:02:48.000Z"),
        ]
        return Record(
            topic: "dead-letters",
            headers: headers.map { Record.Header(name: $0.0, value: Array($0.1.utf8)) },
            value: body
        )
    }

    @Test(arguments: [
        ("lone_surrogate", #""workspace_name":"Harbour \ud83d""#, "Harbour \u{FFFD}"),
        ("lone_surrogate", #""workspace_name":"Harbour","data":{"title":"\ud83d"}"#, "Harbour"),
        ("duplicate_key", #""workspace_name":"a","workspace_name":"b""#, "b"),
        ("malformed_identifier", #""workspace_name":"a","timestamp":"\#(String(repeating: "9", count: 300))""#, "a"),
    ])
    func `a dead letter whose ids, type and entity are clear becomes its event`(
        _ reason: String,
        members: String,
        workspace: String
    ) throws {
        let renormalizer = Renormalizer(
            tokens: [try #require(Self.token)],
            Renormalizing(key: "entity", cloudEvents: "binary")
        )
        let record = try renormalizer.event(of: letter(members, reason: reason)).get()
        let value = try #require(record.value)
        let event = try Event(value: value.span)
        #expect(event.workspace.name == workspace)
        #expect(record.key == Array("x".utf8))
        if let data = event.data { #expect(String(decoding: data, as: UTF8.self) == #"{"title":"\ud83d"}"#) }
    }

    @Test
    func `a dead letter whose id is not clear stays one`() throws {
        let renormalizer = Renormalizer(
            tokens: [try #require(Self.token)],
            Renormalizing(key: "entity", cloudEvents: "binary")
        )
        let result = try renormalizer.event(of: letter(#""workspace_id":"\ud83d""#, reason: "lone_surrogate"))
        #expect(throws: Renormalizer.Refusal(word: "lone_surrogate")) { try result.get() }
    }
}
