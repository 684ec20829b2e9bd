import NotionWebhooks
import TestSupport
import Testing

@Suite
struct HandshakeTests {
    private func recognise(_ body: String, signature: String? = nil, count: Int? = nil) -> String? {
        let bytes = Array(body.utf8)
        let header = Array((signature ?? "").utf8)
        let delivery = UntrustedDelivery(
            body: bytes.span,
            signature: signature == nil ? nil : header.span,
            signatureCount: count ?? (signature == nil ? 0 : 1)
        )
        return Handshake.recognise(delivery)?.token.revealed()
    }

    @Test
    func `the fixture is recognised with and without its signature`() throws {
        let fixture = try #require(NotionPayload.named("handshake.json"))
        let body = String(decoding: fixture.body, as: UTF8.self)
        #expect(recognise(body) == NotionPayload.tokenText)
        #expect(recognise(body, signature: fixture.signature) == NotionPayload.tokenText)
    }

    @Test(arguments: [
        #"{"verification_token":"secret_abc"}"#,
        " {\n\t\"verification_token\" : \"secret_abc\" }\r\n",
        #"{"verification_token":"secret_abc","later":{"id":[1,2]}}"#,
        #"{"verification_toke\u006e":"secret\u005fabc"}"#,
    ])
    func `a handshake is an object with a token and no type`(body: String) {
        #expect(recognise(body) == "secret_abc")
    }

    @Test(arguments: [
        "", "null", "[]", "{}", #""verification_token""#, #"[{"verification_token":"secret_abc"}]"#,
        #"{"verification_token":null}"#, #"{"verification_token":5}"#, #"{"verification_token":""}"#,
        #"{"verification_token":"two words"}"#, #"{"verification_token":"secret_abc","type":"page.created"}"#,
        #"{"verification_token":"secret_abc","type":null}"#,
        #"{"verification_token":"secret_abc","verification_token":"secret_def"}"#,
        #"{"verification_token":"secret_abc"}}"#, #"{"verification_token":"secret_abc""#,
        #"{"data":{"verification_token":"secret_abc"}}"#,
    ])
    func `anything else is none`(body: String) {
        #expect(recognise(body) == nil)
    }

    @Test
    func `a signature under another key is refused`() throws {
        let body = #"{"verification_token":"secret_abc"}"#
        let own = Signature.sign(Array(body.utf8).span, with: try #require(VerificationToken("secret_abc")))
        let other = Signature.sign(Array(body.utf8).span, with: try #require(VerificationToken("secret_def")))
        #expect(recognise(body, signature: own) == "secret_abc")
        #expect(recognise(body, signature: other) == nil)
        #expect(recognise(body, signature: "sha256=") == nil)
        #expect(recognise(body, signature: own, count: 2) == nil)
    }

    @Test
    func `a stranger's body is read up to 1,024 bytes only`() {
        let start = #"{"verification_token":"secret_abc"}"#
        #expect(recognise(start + String(repeating: " ", count: 1_024 - start.utf8.count)) == "secret_abc")
        #expect(recognise(start + String(repeating: " ", count: 1_025 - start.utf8.count)) == nil)
    }

    @Test
    func `a verified body can be a handshake too`() throws {
        let token = try #require(VerificationToken("secret_abc"))
        let body = Array(#"{"verification_token":"secret_new"}"#.utf8)
        let header = Array(Signature.sign(body.span, with: token).utf8)
        let verifier = SignatureVerifier(tokens: [token])
        let verified = try verifier.verify(
            UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1)
        )
        #expect(Handshake.recognise(verified)?.token.revealed() == "secret_new")
    }
}
