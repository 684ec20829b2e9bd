import NotionWebhooks
import TestSupport
import Testing

@Suite
struct SignatureTests {
    static let sampleToken = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
    static let sampleBody = #"{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"#
    static let sampleSignature = "sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735"

    private func token(_ text: String) throws -> VerificationToken {
        try #require(VerificationToken(text))
    }

    /// The place of the token that verified, or why none did.
    private func verify(
        _ body: [UInt8],
        _ signature: String?,
        count: Int? = nil,
        tokens: [String]
    ) throws -> Result<Int?, SignatureError> {
        let verifier = SignatureVerifier(tokens: try tokens.map(token))
        let header = Array((signature ?? "").utf8)
        do throws(SignatureError) {
            let delivery = UntrustedDelivery(
                body: body.span,
                signature: signature == nil ? nil : header.span,
                signatureCount: count ?? (signature == nil ? 0 : 1)
            )
            let verified = try verifier.verify(delivery)
            return .success(verified.tokenIndex)
        } catch {
            return .failure(error)
        }
    }

    @Test
    func `the token that fitted last is the likeliest, and the others are tried apart`() throws {
        let tokens = try ["secret_a", "secret_b", "secret_c"].map(token)
        let verifier = SignatureVerifier(tokens: tokens)
        let body = Array("{}".utf8)
        func place(_ number: Int, _ verify: (borrowing UntrustedDelivery) throws -> Int?) rethrows -> Int? {
            let header = Array(Signature.sign(body.span, with: tokens[number]).utf8)
            return try verify(UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1))
        }
        #expect(verifier.othersCount == 2)
        #expect(try place(0) { try verifier.verifyWithLikeliest($0).tokenIndex } == 0)
        #expect(throws: SignatureError.mismatch) { try place(2) { try verifier.verifyWithLikeliest($0).tokenIndex } }
        #expect(try place(2) { try verifier.verifyWithOthers($0).tokenIndex } == 2)
        #expect(try place(2) { try verifier.verifyWithLikeliest($0).tokenIndex } == 2)
        #expect(throws: SignatureError.mismatch) { try place(0) { try verifier.verifyWithLikeliest($0).tokenIndex } }
        #expect(throws: SignatureError.mismatch) { try place(2) { try verifier.verifyWithOthers($0).tokenIndex } }
        #expect(try place(1) { try verifier.verify($0).tokenIndex } == 1)
        #expect(try place(1) { try verifier.verifyWithLikeliest($0).tokenIndex } == 1)
        let none = SignatureVerifier(tokens: [])
        #expect(none.othersCount == 0)
        #expect(throws: SignatureError.mismatch) { try place(0) { try none.verifyWithLikeliest($0).tokenIndex } }
        #expect(throws: SignatureError.mismatch) { try place(0) { try none.verifyWithOthers($0).tokenIndex } }
    }

    @Test
    func `all fixtures are there`() {
        #expect(NotionPayload.all.count == 41)
    }

    @Test(arguments: NotionPayload.all)
    func `every fixture's signature verifies and is the one we make`(fixture: NotionPayload) throws {
        #expect(try verify(fixture.body, fixture.signature, tokens: [NotionPayload.tokenText]) == .success(0))
        let signature = Signature.sign(fixture.body.span, with: try token(NotionPayload.tokenText))
        #expect(signature == fixture.signature)
    }

    @Test(arguments: NotionPayload.all)
    func `a fixture with one byte changed is refused`(fixture: NotionPayload) throws {
        var random = SeededGenerator()
        var body = fixture.body
        body[Int.random(in: body.indices, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        #expect(
            try verify(body, fixture.signature, tokens: [NotionPayload.tokenText]) == .failure(.mismatch),
            "\(random.description)"
        )
    }

    @Test
    func `a change of any byte is seen`() throws {
        let fixture = try #require(NotionPayload.named("page.properties_updated.json"))
        let verifier = SignatureVerifier(tokens: [try token(NotionPayload.tokenText)])
        let header = Array(fixture.signature.utf8)
        for index in fixture.body.indices {
            var body = fixture.body
            body[index] ^= 1
            #expect(throws: SignatureError.mismatch) {
                _ = try verifier.verify(
                    UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1)
                ).tokenIndex
            }
        }
    }

    @Test
    func `the guide's sample verifies`() throws {
        let body = Array(Self.sampleBody.utf8)
        #expect(try verify(body, Self.sampleSignature, tokens: [Self.sampleToken]) == .success(0))
    }

    /// The same JSON in other bytes has another signature.
    @Test(arguments: [
        (sampleBody + "\n", "00d46ca47f201536c30bdcc6c4eac6f6a44a4b00a5b473865acf5f65764e3071"),
        (
            #"{"verification_token": "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"#,
            "d251aed0e6bd960ee541f9c396a055f9d67dda642c69dcf81744d3d2f3a236b8"
        ),
        (
            #"{"id":"0b6d7d1e-3a54-4c0e-9f3c-5d0f4d7d9a10","workspace_name":"Café Nørd ☕","type":"page.created"}"#,
            "7386d8666dcb7c3a27172eb141e583975ebd8008a1489389ca802bf69b71243b"
        ),
        (
            #"{"id":"x","workspace_name":"R&D <lab>","type":"page.created"}"#,
            "24afc61f93bee39e4aba37eae4b233b41c7ca93caa40aa750c62fac6321f75b8"
        ),
    ])
    func `the raw bytes are signed`(body: String, code: String) throws {
        let bytes = Array(body.utf8)
        #expect(try verify(bytes, "sha256=" + code, tokens: [Self.sampleToken]) == .success(0))
        #expect(try verify(bytes, Self.sampleSignature, tokens: [Self.sampleToken]) == .failure(.mismatch))
    }

    @Test
    func `digits in upper case are accepted`() throws {
        let upper = "sha256=" + Self.sampleSignature.dropFirst(7).uppercased()
        #expect(try verify(Array(Self.sampleBody.utf8), upper, tokens: [Self.sampleToken]) == .success(0))
    }

    @Test(arguments: [
        "", "sha256=", "sha256", String(sampleSignature.dropFirst(7)), "SHA256=" + sampleSignature.dropFirst(7),
        "Sha256=" + sampleSignature.dropFirst(7), "sha1=" + sampleSignature.dropFirst(7),
        String(sampleSignature.dropLast()), sampleSignature + "0", sampleSignature.replacing("461e", with: "46ge"),
        " " + sampleSignature, sampleSignature + " ", sampleSignature + ", " + sampleSignature,
    ])
    func `a header of another form is malformed`(header: String) throws {
        let body = Array(Self.sampleBody.utf8)
        #expect(try verify(body, header, tokens: [Self.sampleToken]) == .failure(.malformed))
    }

    @Test
    func `a missing and a repeated header have names of their own`() throws {
        let body = Array(Self.sampleBody.utf8)
        #expect(try verify(body, nil, tokens: [Self.sampleToken]) == .failure(.missing))
        #expect(try verify(body, Self.sampleSignature, count: 2, tokens: [Self.sampleToken]) == .failure(.repeated))
    }

    @Test
    func `every active token is tried`() throws {
        let body = Array(Self.sampleBody.utf8)
        let tokens = ["secret_first", Self.sampleToken, "secret_third"]
        #expect(try verify(body, Self.sampleSignature, tokens: tokens) == .success(1))
        #expect(try verify(body, Self.sampleSignature, tokens: ["secret_first"]) == .failure(.mismatch))
        #expect(try verify(body, Self.sampleSignature, tokens: []) == .failure(.mismatch))
    }

    @Test
    func `an empty body can be signed`() throws {
        let signature = Signature.sign([UInt8]().span, with: try token(Self.sampleToken))
        #expect(try verify([], signature, tokens: [Self.sampleToken]) == .success(0))
    }
}
