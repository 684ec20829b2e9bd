import NotionEvents
import NotionWebhooks
import Testing

@Suite
struct DeadLetterRecordTests {
    private func record(_ body: [UInt8], _ reason: DeliveryError) throws -> DeadLetterRecord {
        let token = try #require(VerificationToken("secret_abc"))
        let header = Array(Signature.sign(body.span, with: token).utf8)
        let verified = try SignatureVerifier(tokens: [token]).verify(
            UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1)
        )
        return DeadLetterRecord(
            verified,
            reason: reason,
            receivedAtMilliseconds: FilledRecord.receivedAt,
            traceparent: FilledRecord.trace
        )
    }

    @Test
    func `the bytes, the reason and the signature are kept`() throws {
        let body: [UInt8] = Array(#"{"id":"e","#.utf8) + [0, 0xFF]
        let record = try record(body, .notJSON)
        #expect(record.value == body)
        #expect(text(record.key) == "e")
        let token = try #require(VerificationToken("secret_abc"))
        let signature = Signature.sign(body.span, with: token)
        let headers = Dictionary(uniqueKeysWithValues: record.headers.map { ($0.name, String($0.value)) })
        #expect(
            headers == [
                "relay-dead-letter-reason": "not_json",
                "relay-signature": signature,
                "relay-received-at": "2026-09-21T14:13:20.123Z",
                "content-type": "application/octet-stream",
                "traceparent": FilledRecord.trace.description,
            ]
        )
    }

    @Test(arguments: [
        ("", nil), ("[]", nil), ("{}", nil), (#"{"id":5}"#, nil), (#"{"id":""}"#, nil), (#"{"id":null}"#, nil),
        (#"{"data":{"id":"x"}}"#, nil), (#"{"type":"a","id":"e","entity":"#, "e"), (#"{"id":"e""#, "e"),
        (#"{"id":"153104CD477E809D8DC1FF2D96BDD4ED"}"#, "153104cd-477e-809d-8dc1-ff2d96bdd4ed"),
        (#"{"id":"e","id":"f"}"#, "e"), (#"{"a":tru,"id":"e"}"#, nil),
    ])
    func `the key is the event's id if it can be found`(body: String, key: String?) throws {
        #expect(text(try record(Array(body.utf8), .missingEntityID).key) == key)
    }

    @Test
    func `an id that is too long is no key`() throws {
        let body = #"{"id":"\#(String(repeating: "i", count: 257))"}"#
        #expect(try record(Array(body.utf8), .malformedIdentifier).key == nil)
    }
}
