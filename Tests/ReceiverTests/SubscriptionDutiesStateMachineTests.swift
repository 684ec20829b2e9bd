import NotionWebhooks
import Subscriptions
import Testing

@testable import Receiver

@Suite
struct SubscriptionDutiesStateMachineTests {
    private static let topic = "notion.subscriptions.v1"
    private let keys = SealingKeys([.generate()])
    private let duties = SubscriptionDutiesStateMachine(expiryMilliseconds: 1_000_000, delayMilliseconds: 5_000)

    private func token(_ text: String) throws -> VerificationToken { try #require(VerificationToken(text)) }

    private func pending(
        _ text: String,
        _ client: String = "192.0.2.1",
        at time: Int64 = 0
    ) throws
        -> PendingHandshakes.Pending
    {
        .init(token: try token(text), name: SubscriptionName("harbour"), client: client, receivedAtMilliseconds: time)
    }

    private func snapshot(_ records: [SubscriptionRecord]) -> SubscriptionsSnapshot {
        var snapshot = SubscriptionsSnapshot()
        for record in records { snapshot.apply(record.record(in: Self.topic, sealedWith: keys), openedWith: keys) }
        return snapshot
    }

    private func handshake(_ text: String, _ client: String = "192.0.2.1", at time: Int64) throws -> SubscriptionRecord
    {
        .handshake(
            ReceivedHandshake(name: nil, client: client, receivedAt: time, expiresAt: time + 1_000_000),
            try token(text)
        )
    }

    @Test
    func `a token that came is written with its name, sender and date`() throws {
        let (records, known) = duties.handshakes([try pending("secret_a", at: 7)], .init(), active: [], now: 8)
        let expected = ReceivedHandshake(
            name: SubscriptionName("harbour"),
            client: "192.0.2.1",
            receivedAt: 7,
            expiresAt: 1_000_007
        )
        #expect(records == [.handshake(expected, try token("secret_a"))])
        #expect(known.isEmpty)
    }

    @Test
    func `a token that is active or written already is not written`() throws {
        let active = Fingerprint(try token("secret_a"))
        let there = snapshot([try handshake("secret_b", at: 0)])
        let waiting = [try pending("secret_a"), try pending("secret_b")]
        let (records, known) = duties.handshakes(waiting, there, active: [active], now: 10)
        #expect(records.isEmpty)
        #expect(known == [active, Fingerprint(try token("secret_b"))])
    }

    @Test
    func `a token that soon expires is written anew when it is sent again`() throws {
        let there = snapshot([try handshake("secret_b", at: 0)])
        let again = [try pending("secret_b", at: 600_000)]
        #expect(duties.handshakes(again, there, active: [], now: 600_000).records.count == 1)
    }

    @Test
    func `the topic never holds more than so many, and the crowd makes room`() throws {
        var records = [try handshake("secret_mine", "192.0.2.7", at: 0)]
        for number in 1..<SubscriptionDutiesStateMachine.handshakesMax {
            records.append(try handshake("secret_\(number)", at: Int64(number)))
        }
        let new = [try pending("secret_new", at: 1_000)]
        let written = duties.handshakes(new, snapshot(records), active: [], now: 1_000).records
        #expect(written.count == 2)
        #expect(written.first == .gone(.handshake(Fingerprint(try token("secret_1")))), "the crowd's oldest")
    }

    @Test
    func `what expired is removed, after this replica's delay`() throws {
        let there = snapshot([try handshake("secret_a", at: 0), try handshake("secret_b", at: 10)])
        #expect(duties.tidying(there, now: 1_004_999).isEmpty)
        #expect(
            duties.tidying(there, now: 1_005_000) == [.gone(.handshake(Fingerprint(try token("secret_a"))))]
        )
    }

    private func use(_ subscription: String = "s", from first: Int64, to last: Int64) -> TokenUse {
        TokenUse(
            subscriptionID: subscription,
            workspaceID: "w",
            workspaceName: "Harbour Studio",
            integrationID: "i",
            firstAt: first,
            lastAt: last
        )
    }

    @Test
    func `a token's use is written at first and then when it is a minute newer`() throws {
        let fingerprint = Fingerprint(try token("secret_a"))
        let seen = [fingerprint: use(from: 100_000, to: 100_000)]
        #expect(duties.uses(seen, .init()) == [.use(use(from: 100_000, to: 100_000), of: fingerprint)])
        let there = snapshot([.use(use(from: 5, to: 50_000), of: fingerprint)])
        #expect(duties.uses(seen, there).isEmpty)
        let later = [fingerprint: use(from: 100_000, to: 110_000)]
        #expect(duties.uses(later, there) == [.use(use(from: 5, to: 110_000), of: fingerprint)])
        let other = [fingerprint: use("t", from: 60_000, to: 60_000)]
        #expect(duties.uses(other, there) == [.use(use("t", from: 60_000, to: 60_000), of: fingerprint)])
    }
}
