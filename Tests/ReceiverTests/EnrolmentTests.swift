import NotionWebhooks
import Operations
import Synchronization
import TestSupport
import Testing

@testable import Receiver

/// Handshakes: answered 200 while enrolment is open, held for a person, never able to replace an active token.
@Suite(.timeLimit(.minutes(2)))
struct EnrolmentTests {
    private static let newToken = VerificationToken("secret_ofANewSubscription")

    private static func handshake(_ token: String, signedBy signer: VerificationToken?) -> [UInt8] {
        let body = Array(#"{"verification_token":"\#(token)"}"#.utf8)
        let signature = signer.map { ["X-Notion-Signature: \(Signature.sign(body.span, with: $0))"] } ?? []
        return HostileRequest.request(
            "POST /notion/webhooks HTTP/1.1",
            signature + ["Content-Length: \(body.count)"],
            body
        )
    }

    @Test(arguments: [newToken, nil])
    func `while enrolment is open a handshake is answered 200 and its token can be read once`(
        signer: VerificationToken?
    ) async throws {
        let edge = try await EdgeUnderTest.start(tokens: []) { $0.enrolment = .open }
        let answer = try await edge.answer(to: Self.handshake("secret_ofANewSubscription", signedBy: signer))
        #expect(answer.status == 200)
        #expect(!answer.body.contains("secret_"))
        #expect(edge.count(of: .handshake) == 1)
        #expect(edge.edge.pending.take().map(\.token) == [Self.newToken].compactMap(\.self))
        #expect(edge.edge.pending.take().isEmpty)
        #expect(!edge.logText.contains("ofANewSubscription"), "no token in the log")
        await edge.stop()
    }

    @Test
    func `a handshake whose signature is not by its own token is refused`() async throws {
        let edge = try await EdgeUnderTest.start(tokens: []) { $0.enrolment = .open }
        let answer = try await edge.answer(
            to: Self.handshake("secret_ofANewSubscription", signedBy: HostileRequest.token)
        )
        #expect(answer.status == 401)
        #expect(edge.edge.pending.held().isEmpty)
        await edge.stop()
    }

    @Test
    func `while enrolment is closed a handshake is refused like anything unverified`() async throws {
        let edge = try await EdgeUnderTest.start()
        let signed = Self.handshake("secret_ofANewSubscription", signedBy: Self.newToken)
        #expect(try await edge.answer(to: signed).status == 401)
        let unsigned = Self.handshake("secret_ofANewSubscription", signedBy: nil)
        #expect(try await edge.answer(to: unsigned).status == 401)
        #expect(edge.edge.pending.held().isEmpty)
        #expect(edge.metric("notion_relay_handshakes_total", "closed") == 2)
        #expect(edge.logText.contains("enrolment is closed"), "the log says what to do")
        #expect(edge.logText.contains("--enrolment open"))
        #expect(!edge.logText.contains("ofANewSubscription"), "no token in the log")
        await edge.stop()
    }

    @Test
    func `while enrolment is closed a handshake at an unknown subscription's path is 404, and told`() async throws {
        let edge = try await EdgeUnderTest.start()
        let path = "/notion/webhooks/harbour"
        for (body, told) in [(#"{"type":"page.created"}"#, 0), (#"{"verification_token":"secret_of"}"#, 1)] {
            let request = HostileRequest.request(
                "POST \(path) HTTP/1.1",
                ["Content-Length: \(body.utf8.count)"],
                Array(body.utf8)
            )
            #expect(try await edge.answer(to: request).status == 404)
            #expect(edge.metric("notion_relay_handshakes_total", "closed") == told)
        }
        #expect(edge.logText.contains("enrolment is closed"))
        #expect(edge.edge.pending.held().isEmpty)
        await edge.stop()
    }

    @Test
    func `the active token sent again is answered 200 and nothing is held`() async throws {
        let edge = try await EdgeUnderTest.start()
        let again = Self.handshake("secret_forTestsOnly", signedBy: HostileRequest.token)
        #expect(try await edge.answer(to: again).status == 200)
        #expect(edge.edge.pending.held().isEmpty)
        #expect(try await edge.recordCount(EdgeUnderTest.events) == 0)
        #expect(try await edge.recordCount(EdgeUnderTest.deadLetters) == 0)
        await edge.stop()
    }

    @Test
    func `a handshake makes no token active`() async throws {
        let edge = try await EdgeUnderTest.start { $0.enrolment = .open }
        let handshake = Self.handshake("secret_ofANewSubscription", signedBy: Self.newToken)
        #expect(try await edge.answer(to: handshake).status == 200)
        let newToken = try #require(Self.newToken)
        let body = HostileRequest.plain
        let signature = Signature.sign(body.span, with: newToken)
        let forged = HostileRequest.request(
            "POST /notion/webhooks HTTP/1.1",
            ["X-Notion-Signature: \(signature)", "Content-Length: \(body.count)"],
            body
        )
        #expect(try await edge.answer(to: forged).status == 401)
        #expect(try await edge.answer(to: HostileRequest.signed(HostileRequest.plain)).status == 200)
        await edge.stop()
    }

    @Test
    func `a handshake sent again and again is answered 200 each time, and only so many are kept`() async throws {
        let clock = TestClock()
        let edge = try await EdgeUnderTest.start(tokens: [], { $0.enrolment = .open }, now: { clock.now })
        for number in 0..<30 {
            #expect(try await edge.answer(to: Self.handshake("secret_\(number)", signedBy: nil)).status == 200)
        }
        #expect(edge.edge.pending.held().count == 8)
        #expect(edge.metric("notion_relay_handshakes_total", "result=\"held\"") == 8)
        #expect(edge.metric("notion_relay_handshakes_total", "result=\"limited\"") == 22)
        #expect(edge.count(of: .handshake) == 30)
        clock.advance(milliseconds: 30_000)
        #expect(try await edge.answer(to: Self.handshake("secret_mine", signedBy: nil)).status == 200)
        #expect(edge.edge.pending.held().last?.token == VerificationToken("secret_mine"))
        await edge.stop()
    }

    @Test
    func `who holds most places loses the oldest one`() throws {
        let pending = PendingHandshakes()
        func hold(_ text: String, _ client: String, at time: Int64) throws {
            let token = try #require(VerificationToken(text))
            #expect(pending.hold(.init(token: token, client: client, receivedAtMilliseconds: time)))
        }
        try hold("secret_mine", "192.0.2.7", at: 0)
        for number in 0..<20 { try hold("secret_\(number)", "192.0.2.\(number / 8 + 1)", at: 0) }
        let held = pending.held().map { $0.token.revealed() }
        #expect(held.count == PendingHandshakes.capacity)
        #expect(held.first == "secret_mine", "a crowd does not push out a single one")
        #expect(held.last == "secret_19")
    }

    @Test
    func `a token that is sent again keeps one place, the newest`() throws {
        let pending = PendingHandshakes()
        let tokens = try (0..<5).map { try #require(VerificationToken("secret_\($0)")) }
        for token in tokens + [tokens[1]] { _ = pending.hold(.init(token: token, receivedAtMilliseconds: 0)) }
        #expect(pending.held().map(\.token) == [tokens[0], tokens[2], tokens[3], tokens[4], tokens[1]])
    }
}

/// Milliseconds since 1970, as a test says.
final class TestClock: Sendable {
    private let time: Mutex<Int64>

    init(_ milliseconds: Int64 = 1_790_000_000_000) { time = Mutex(milliseconds) }

    var now: Int64 { time.withLock { $0 } }

    func advance(milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
