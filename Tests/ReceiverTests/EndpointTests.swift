import Kafka
import NotionWebhooks
import Operations
import Receiver
import Subscriptions
import TestSupport
import Testing

/// Paths of subscriptions, tokens that come and go, and deliveries without a signature.
@Suite(.timeLimit(.minutes(2)))
struct EndpointTests {
    private static func post(_ path: String, _ body: [UInt8], signedBy token: VerificationToken?) -> [UInt8] {
        let signature = token.map { ["X-Notion-Signature: \(Signature.sign(body.span, with: $0))"] } ?? []
        return HostileRequest.request("POST \(path) HTTP/1.1", signature + ["Content-Length: \(body.count)"], body)
    }

    private func token(_ text: String) throws -> VerificationToken { try #require(VerificationToken(text)) }

    private func configured(_ text: String, _ name: String? = nil) throws -> Keyring.Configured {
        .init(try token(text), name: name.flatMap { SubscriptionName($0) })
    }

    @Test
    func `a token verifies at its own path and at the common path, and at no other`() async throws {
        let edge = try await EdgeUnderTest.start(tokens: [])
        let tokens = try [configured("secret_a", "harbour"), configured("secret_b", "lab"), configured("secret_c")]
        edge.edge.activeTokens.configure(tokens, now: 0)
        let cases: [(path: String, token: String, status: Int)] = [
            ("/notion/webhooks", "secret_a", 200),
            ("/notion/webhooks", "secret_b", 200),
            ("/notion/webhooks", "secret_c", 200),
            ("/notion/webhooks/harbour", "secret_a", 200),
            ("/notion/webhooks/harbour?x=1", "secret_a", 200),
            ("/notion/webhooks/harbour", "secret_b", 401),
            ("/notion/webhooks/harbour", "secret_c", 401),
            ("/notion/webhooks/lab", "secret_b", 200),
            ("/notion/webhooks/unknown", "secret_a", 404),
            ("/notion/webhooks/", "secret_a", 200),
            ("/notion/webhooks/?x=1", "secret_c", 200),
            ("/notion/webhooks/harbour/", "secret_a", 200),
            ("/notion/webhooks/harbour/", "secret_b", 401),
            ("http://relay.example/notion/webhooks/harbour", "secret_a", 200),
            ("/notion/webhooks//", "secret_a", 404),
            ("/notion/webhooks/harbour//", "secret_a", 404),
            ("/notion/webhooks//harbour", "secret_a", 404),
            ("//notion/webhooks", "secret_a", 404),
            ("/notion/webhooks/unknown/", "secret_a", 404),
            ("/notion/webhooksharbour", "secret_a", 404),
            ("/notion/webhook", "secret_a", 404),
            ("/notion/webhooks/%68arbour", "secret_a", 404),
        ]
        for (path, text, status) in cases {
            let answer = try await edge.answer(to: Self.post(path, HostileRequest.plain, signedBy: token(text)))
            #expect(answer.status == status, "\(path) with \(text)")
        }
        await edge.stop()
    }

    @Test(arguments: [
        ("/", ["/", "/harbour", "/harbour/"], ["//", "/harbour//", "/unknown"]),
        (
            "/hooks/", ["/hooks", "/hooks/", "/hooks/harbour", "/hooks/harbour/"],
            ["/hook", "/hooks//", "/hooksharbour"]
        ),
    ])
    func `a slash at the end of the path matters neither in the setting nor in the request`(
        _ path: String,
        found: [String],
        missing: [String]
    ) async throws {
        let edge = try await EdgeUnderTest.start(tokens: []) { $0.path = path }
        edge.edge.activeTokens.configure([try configured("secret_a", "harbour")], now: 0)
        for (target, status) in found.map({ ($0, 200) }) + missing.map({ ($0, 404) }) {
            let answer = try await edge.answer(
                to: Self.post(target, HostileRequest.plain, signedBy: token("secret_a"))
            )
            #expect(answer.status == status, "\(target)")
        }
        await edge.stop()
    }

    @Test
    func `large bodies that no token verifies are 503 beyond the budget, and verified deliveries are 200`() async throws
    {
        let texts = (0..<16).map { "secret_\($0)" }
        let edge = try await EdgeUnderTest.start(
            tokens: texts.map { VerificationToken($0) },
            now: { 1_790_000_000_000 }
        )
        let large = HostileRequest.with("\"\(String(repeating: "x", count: 1_000_000))\"")
        let stranger = try token("secret_ofAStranger")
        var answers: [Answer] = []
        for _ in 0..<5 {
            answers.append(try await edge.answer(to: Self.post("/notion/webhooks", large, signedBy: stranger)))
        }
        #expect(answers.map(\.status) == [401, 401, 503, 503, 503])
        #expect(answers.last?.head.contains("Retry-After: ") == true)
        #expect(edge.count(of: .verificationLimited) == 3)
        #expect(edge.logText.contains("127.0.0.1"))
        let last = try token("secret_15")
        let small = Self.post("/notion/webhooks", HostileRequest.plain, signedBy: last)
        #expect(try await edge.answer(to: small).status == 200, "a small one is tried with all tokens")
        let bySame = Self.post("/notion/webhooks", large, signedBy: last)
        #expect(try await edge.answer(to: bySame).status == 200, "its token is the likeliest now")
        await edge.stop()
    }

    @Test
    func `two tokens of one name both verify at its path: that is how a subscription rotates`() async throws {
        let edge = try await EdgeUnderTest.start(tokens: [])
        edge.edge.activeTokens.configure(
            try [configured("secret_a", "harbour"), configured("secret_b", "harbour")],
            now: 0
        )
        for text in ["secret_a", "secret_b"] {
            let request = Self.post("/notion/webhooks/harbour", HostileRequest.plain, signedBy: try token(text))
            #expect(try await edge.answer(to: request).status == 200)
        }
        edge.edge.activeTokens.configure([try configured("secret_b", "harbour")], now: 0)
        let old = Self.post("/notion/webhooks/harbour", HostileRequest.plain, signedBy: try token("secret_a"))
        #expect(try await edge.answer(to: old).status == 401, "gone without a restart")
        await edge.stop()
    }

    @Test
    func `a handshake at the path of an unknown subscription is kept under its name, and nothing else passes there`()
        async throws
    {
        let edge = try await EdgeUnderTest.start { $0.enrolment = .open }
        let handshake = Array(#"{"verification_token":"secret_new"}"#.utf8)
        let path = "/notion/webhooks/harbour"
        #expect(try await edge.answer(to: Self.post(path, handshake, signedBy: nil)).status == 200)
        #expect(edge.edge.pending.held().first?.name?.text == "harbour")
        #expect(edge.edge.pending.held().first?.client == "127.0.0.1")
        let event = Self.post(path, HostileRequest.plain, signedBy: HostileRequest.token)
        #expect(try await edge.answer(to: event).status == 404)
        #expect(try await edge.answer(to: Self.post("/notion/webhooks/No", handshake, signedBy: nil)).status == 404)
        await edge.stop()
    }

    @Test
    func `with optional signatures an unsigned event passes and is marked`() async throws {
        let edge = try await EdgeUnderTest.start { $0.acceptsUnsigned = true }
        let unsigned = Self.post("/notion/webhooks", HostileRequest.plain, signedBy: nil)
        #expect(try await edge.answer(to: unsigned).status == 200)
        #expect(try await edge.answer(to: HostileRequest.signed(HostileRequest.plain)).status == 200)
        let records = try await edge.records(EdgeUnderTest.events)
        #expect(
            records.compactMap { $0.header("ce_verified").map { String(decoding: $0, as: UTF8.self) } } == ["false"]
        )
        #expect(edge.metric("notion_relay_unsigned_deliveries_total") == 1)
        let wrong = Self.post("/notion/webhooks", HostileRequest.plain, signedBy: try token("secret_wrong"))
        #expect(try await edge.answer(to: wrong).status == 401, "what claims to be signed has to be")
        await edge.stop()
    }

    @Test
    func `with optional signatures an unsigned body that is no event is a marked dead letter`() async throws {
        let edge = try await EdgeUnderTest.start { $0.acceptsUnsigned = true }
        let broken = Self.post("/notion/webhooks", Array("not json".utf8), signedBy: nil)
        #expect(try await edge.answer(to: broken).status == 200)
        let letter = try #require(try await edge.records(EdgeUnderTest.deadLetters).first)
        #expect(letter.header("ce_verified") == Array("false".utf8))
        #expect(letter.header("relay-signature") == nil)
        await edge.stop()
    }

    @Test
    func `while enrolment is closed a handshake does not pass as an unsigned event`() async throws {
        let edge = try await EdgeUnderTest.start { $0.acceptsUnsigned = true }
        let handshake = Array(#"{"verification_token":"secret_new"}"#.utf8)
        #expect(try await edge.answer(to: Self.post("/notion/webhooks", handshake, signedBy: nil)).status == 401)
        #expect(try await edge.recordCount(EdgeUnderTest.deadLetters) == 0)
        await edge.stop()
    }

    @Test
    func `what a token verified is counted under its fingerprint, with its subscription`() async throws {
        let edge = try await EdgeUnderTest.start()
        #expect(try await edge.answer(to: HostileRequest.signed(HostileRequest.plain)).status == 200)
        #expect(try await edge.answer(to: HostileRequest.signed(HostileRequest.plain)).status == 200)
        let token = try #require(HostileRequest.token)
        #expect(edge.metric("notion_relay_token_deliveries_total", "fingerprint=\"\(token.fingerprint)\"") == 2)
        #expect(edge.edge.uses.seen[Fingerprint(token)] != nil)
        await edge.stop()
    }
}
