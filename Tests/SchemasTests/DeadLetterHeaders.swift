import NotionEvents
import NotionWebhooks
import Testing

/// The headers of a dead letter as the edge writes it.
enum DeadLetterHeaders {
    static func of(_ reason: DeliveryError, isSigned: Bool) throws -> [String: String] {
        let body = Array("{\"id\":".utf8)
        let token = try #require(VerificationToken("secret_schemas"))
        let header = Array(Signature.sign(body.span, with: token).utf8)
        let trace = TraceContext(random: InlineArray<24, UInt8> { UInt8($0 + 1) })
        let time: Int64 = 1_790_000_000_123
        let headers: [(name: String, value: [UInt8])]
        if isSigned {
            let untrusted = UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1)
            let verified = try SignatureVerifier(tokens: [token]).verify(untrusted)
            headers =
                DeadLetterRecord(verified, reason: reason, receivedAtMilliseconds: time, traceparent: trace).headers
        } else {
            let untrusted = UntrustedDelivery(body: body.span, signature: nil, signatureCount: 0)
            let passed = try VerifiedDelivery(unsigned: untrusted)
            headers = DeadLetterRecord(passed, reason: reason, receivedAtMilliseconds: time, traceparent: trace).headers
        }
        return Dictionary(uniqueKeysWithValues: headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
    }
}
