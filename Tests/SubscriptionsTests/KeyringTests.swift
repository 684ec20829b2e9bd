import NotionWebhooks
import Subscriptions
import Testing

@Suite
struct KeyringTests {
    private static let topic = "notion.subscriptions.v1"
    private let keys = SealingKeys([.generate()])

    private func token(_ text: String) throws -> VerificationToken { try #require(VerificationToken(text)) }

    private func snapshot(_ subscriptions: [(String, Subscription)]) throws -> SubscriptionsSnapshot {
        var snapshot = SubscriptionsSnapshot()
        for (text, subscription) in subscriptions {
            let record = SubscriptionRecord.subscription(subscription, try token(text))
            snapshot.apply(record.record(in: Self.topic, sealedWith: keys), openedWith: keys)
        }
        return snapshot
    }

    @Test
    func `configured tokens come first, then those of the topic, the newest first`() throws {
        let snapshot = try snapshot([
            ("secret_old", Subscription(name: nil, activatedAt: 1)),
            ("secret_new", Subscription(name: SubscriptionName("harbour"), activatedAt: 2)),
        ])
        let configured = [Keyring.Configured(try token("secret_file"))]
        let keyring = Keyring(configured: configured, snapshot: snapshot, now: 10)
        #expect(keyring.keys.map { $0.token.revealed() } == ["secret_file", "secret_new", "secret_old"])
        #expect(keyring.keys.map(\.source) == [.settings, .topic, .topic])
        #expect(keyring.nextChange == nil)
    }

    @Test
    func `a token is there until its date, and the keyring knows when to look again`() throws {
        let snapshot = try snapshot([
            ("secret_a", Subscription(name: nil, activatedAt: 1, retiresAt: 100)),
            ("secret_b", Subscription(name: nil, activatedAt: 2, retiresAt: 200)),
        ])
        #expect(Keyring(configured: [], snapshot: snapshot, now: 99).nextChange == 100)
        #expect(Keyring(configured: [], snapshot: snapshot, now: 99).keys.count == 2)
        #expect(Keyring(configured: [], snapshot: snapshot, now: 100).nextChange == 200)
        #expect(Keyring(configured: [], snapshot: snapshot, now: 200).keys.isEmpty)
    }

    @Test
    func `a configured token that is retired in the topic goes on, and is named`() throws {
        let retired = try snapshot([
            ("secret_a", Subscription(name: SubscriptionName("harbour"), activatedAt: 1, retiresAt: 5))
        ])
        let keyring = Keyring(configured: [.init(try token("secret_a"))], snapshot: retired, now: 10)
        #expect(keyring.keys.count == 1)
        #expect(keyring.keys.first?.name?.text == "harbour")
        #expect(keyring.heldBySettings == [Fingerprint(try token("secret_a"))])
    }

    @Test
    func `a token given twice counts once`() throws {
        let twice = try [Keyring.Configured(token("secret_a")), .init(token("secret_a"), name: SubscriptionName("b"))]
        #expect(Keyring(configured: twice, snapshot: .init(), now: 0).keys.count == 1)
    }

    @Test
    func `what this reader cannot open is no token`() throws {
        var snapshot = SubscriptionsSnapshot()
        let record = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 1), try token("secret_a"))
        snapshot.apply(record.record(in: Self.topic, sealedWith: keys), openedWith: SealingKeys([.generate()]))
        #expect(Keyring(configured: [], snapshot: snapshot, now: 2).keys.isEmpty)
    }
}
