import Kafka
import NotionWebhooks
import Subscriptions
import Testing

/// What is sealed, what it is bound to, and what happens to a record that was changed.
@Suite
struct SubscriptionRecordTests {
    static let topic = "notion.subscriptions.v1"

    private let key = SealingKey.generate()
    private var keys: SealingKeys { SealingKeys([key]) }

    private func token(_ text: String = "secret_harbour") throws -> VerificationToken {
        try #require(VerificationToken(text))
    }

    private func activation() throws -> SubscriptionRecord {
        .subscription(Subscription(name: SubscriptionName("harbour"), activatedAt: 1_000), try token())
    }

    @Test
    func `a record's value says everything but the token`() throws {
        let record = try activation().record(in: Self.topic, sealedWith: keys)
        let value = String(decoding: record.value ?? [], as: UTF8.self)
        #expect(value == #"{"activated_at":"1970-01-01T00:00:01.000Z","name":"harbour","v":1}"#)
        #expect(String(decoding: record.key ?? [], as: UTF8.self) == "subscription/\(try token().fingerprint)")
        for header in record.headers {
            #expect(!String(decoding: header.value ?? [], as: UTF8.self).contains("secret"))
        }
    }

    @Test
    func `who has the key reads the token, and no two records are sealed alike`() throws {
        let first = try activation().record(in: Self.topic, sealedWith: keys)
        let second = try activation().record(in: Self.topic, sealedWith: keys)
        #expect(first.header("relay-sealed-token") != second.header("relay-sealed-token"))
        var snapshot = SubscriptionsSnapshot()
        #expect(snapshot.apply(second, openedWith: keys) == nil)
        let entry = try #require(snapshot.subscriptions[Fingerprint(token())])
        #expect(try entry.token.get() == token())
        #expect(entry.content.name?.text == "harbour")
    }

    @Test
    func `a second key opens what the first one sealed before`() throws {
        let old = try activation().record(in: Self.topic, sealedWith: keys)
        var snapshot = SubscriptionsSnapshot()
        #expect(snapshot.apply(old, openedWith: SealingKeys([.generate(), key])) == nil)
    }

    private enum Change: CaseIterable {
        case state, key, topic, keyID, sealedToken, swappedToken, noHeaders, notBase64
    }

    private func changed(_ record: Record, _ change: Change) throws -> (Record, SealError) {
        let other = try SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 0), token("secret_other"))
            .record(in: Self.topic, sealedWith: keys)
        var changed = record
        switch change {
        case .state:
            changed.value = Array(#"{"activated_at":"1970-01-01T00:00:02.000Z","name":"harbour","v":1}"#.utf8)
            return (changed, .tampered)
        case .key:
            changed.key = other.key
            return (changed, .tampered)
        case .topic:
            let moved = Record(topic: "copied", key: record.key, headers: record.headers, value: record.value)
            return (moved, .tampered)
        case .keyID:
            changed.headers[0].value = Array("00000000".utf8)
            return (changed, .otherKey(id: "00000000", given: [key.id]))
        case .sealedToken:
            var text = Array(changed.headers[1].value ?? [])
            text[20] = text[20] == 65 ? 66 : 65
            changed.headers[1].value = text
            return (changed, .tampered)
        case .swappedToken:
            changed.headers = other.headers
            return (changed, .tampered)
        case .noHeaders:
            changed.headers = []
            return (changed, .malformed)
        case .notBase64:
            changed.headers[1].value = Array("!!!".utf8)
            return (changed, .malformed)
        }
    }

    @Test(arguments: Change.allCases)
    private func `a record that was changed or moved is refused, and what was known before stays`(
        change: Change
    ) throws {
        let record = try activation().record(in: Self.topic, sealedWith: keys)
        let (changed, error) = try changed(record, change)
        var snapshot = SubscriptionsSnapshot()
        #expect(snapshot.apply(record, openedWith: keys) == nil)
        #expect(snapshot.apply(changed, openedWith: keys) == .sealed(error))
        let entry = try #require(snapshot.subscriptions[Fingerprint(token())])
        #expect(try entry.token.get() == token())
        #expect(snapshot.refusals.count == 1)
        #expect(snapshot.apply(record, openedWith: keys) == nil)
        #expect(snapshot.refusals.isEmpty == (change != .key), "the newest record of the key is a good one again")
    }

    @Test
    func `a handshake and a use never replace a subscription`() throws {
        var snapshot = SubscriptionsSnapshot()
        snapshot.apply(try activation().record(in: Self.topic, sealedWith: keys), openedWith: keys)
        let handshake = ReceivedHandshake(name: nil, client: "192.0.2.1", receivedAt: 2_000, expiresAt: 3_000)
        let forged = SubscriptionRecord.handshake(handshake, try token()).record(in: Self.topic, sealedWith: keys)
        #expect(snapshot.apply(forged, openedWith: keys) == nil)
        let gone = SubscriptionRecord.gone(.handshake(Fingerprint(try token())))
        snapshot.apply(gone.record(in: Self.topic, sealedWith: keys), openedWith: keys)
        #expect(snapshot.subscriptions.count == 1 && snapshot.handshakes.isEmpty)
    }

    @Test(arguments: [
        "{}", "[]", "null", "{", #"{"v":2,"activated_at":"1970-01-01T00:00:01Z"}"#,
        #"{"v":1,"activated_at":"yesterday"}"#, #"{"v":1,"activated_at":"1970-01-01T00:00:01Z","name":"../x"}"#,
    ])
    func `a value that is none of ours is refused`(value: String) throws {
        var record = try activation().record(in: Self.topic, sealedWith: keys)
        record.value = Array(value.utf8)
        var snapshot = SubscriptionsSnapshot()
        #expect(snapshot.apply(record, openedWith: keys) == .malformed)
        #expect(snapshot.subscriptions.isEmpty)
    }

    @Test(arguments: ["", "subscription/", "subscription/0123456789AB", "else/0123456789ab", "use/0123456789ab/"])
    func `a key that is none of ours is counted and left alone`(key: String) {
        var snapshot = SubscriptionsSnapshot()
        let record = Record(topic: Self.topic, key: Array(key.utf8), value: [])
        #expect(snapshot.apply(record, openedWith: keys) == .unknownKey)
        #expect(snapshot.unknownKeys == 1)
    }

    @Test
    func `a topic full of tokens does not fill its reader's memory`() throws {
        var snapshot = SubscriptionsSnapshot()
        let use = TokenUse(
            subscriptionID: "",
            workspaceID: "",
            workspaceName: "",
            integrationID: "",
            firstAt: 0,
            lastAt: 0
        )
        for number in 0..<(SubscriptionsSnapshot.entriesMax + 10) {
            let digits = String(number, radix: 16)
            let text = String(repeating: "0", count: 12 - digits.count) + digits
            let record = SubscriptionRecord.use(use, of: try #require(Fingerprint(text)))
            snapshot.apply(record.record(in: Self.topic, sealedWith: keys), openedWith: keys)
        }
        #expect(snapshot.uses.count == SubscriptionsSnapshot.entriesMax)
    }

    @Test(arguments: ["", "short", "not base64 at all, but just as long as a key", String(repeating: "A", count: 43)])
    func `a text that keygen did not print is no sealing key`(text: String) {
        #expect(SealingKey(text) == nil)
    }

    @Test
    func `a sealing key never shows by accident`() throws {
        let text = key.revealed()
        #expect(SealingKey(text)?.id == key.id)
        #expect(!"\(key)".contains(text) && !String(reflecting: key).contains(text) && "\(key)".contains(key.id))
    }

    @Test(arguments: [(Int64(0), Subscription.State.retiring), (4_999, .retiring), (5_000, .retired)])
    func `a token verifies until its date`(now: Int64, state: Subscription.State) {
        let subscription = Subscription(name: nil, activatedAt: 0, retiresAt: 5_000)
        #expect(subscription.state(at: now) == state)
        #expect(Subscription(name: nil, activatedAt: 0).state(at: now) == .active)
    }
}
