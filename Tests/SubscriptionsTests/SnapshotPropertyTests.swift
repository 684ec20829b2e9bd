import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// The state of the topic, after any records in any order, beside a simple model; and bytes that nobody should write.
@Suite
struct SnapshotPropertyTests {
    private static let topic = "notion.subscriptions.v1"

    private enum Step: CaseIterable {
        case activate, retire, remove, tamper, foreign, move, handshake, forget
    }

    /// What counts of one token: its newest record that can be trusted since it was last removed.
    private struct Model {
        var subscription: Subscription?
        var isPending = false
    }

    @Test(arguments: 0..<40)
    func `what was tampered with or came from elsewhere changes nothing, whatever came before it`(round: Int) throws {
        var random = SeededGenerator()
        let keys = SealingKeys([.generate()])
        let foreign = SealingKeys([.generate()])
        let tokens = try (0..<3).map { try #require(VerificationToken("secret_\($0)")) }
        var models = tokens.map { _ in Model() }
        var snapshot = SubscriptionsSnapshot()
        for number in 0..<60 {
            let index = Int.random(in: 0..<tokens.count, using: &random)
            let step = try #require(Step.allCases.randomElement(using: &random))
            let time = Int64(number) * 1000
            let (record, isTrusted) = try Self.record(step, tokens[index], time, keys, foreign, models[index])
            #expect((snapshot.apply(record, openedWith: keys) == nil) == isTrusted, "\(step) \(random)")
            if isTrusted { Self.apply(step, time, to: &models[index]) }
        }
        for (token, model) in zip(tokens, models) {
            let fingerprint = Fingerprint(token)
            let entry = snapshot.subscriptions[fingerprint]
            let trusted = entry.flatMap { entry in (try? entry.token.get()).map { _ in entry.content } }
            #expect(trusted == model.subscription, "\(random)")
            #expect((snapshot.handshakes[fingerprint] != nil) == model.isPending, "\(random)")
        }
        let verifying = Set(Keyring(configured: [], snapshot: snapshot, now: 1_000_000).keys.map(\.fingerprint))
        let wanted = zip(tokens, models).filter { $1.subscription?.state(at: 1_000_000) == .active }
        #expect(verifying == Set(wanted.map { Fingerprint($0.0) }), "\(random)")
    }

    private static func apply(_ step: Step, _ time: Int64, to model: inout Model) {
        switch step {
        case .activate: model.subscription = Subscription(name: nil, activatedAt: time)
        case .retire: model.subscription = Subscription(name: nil, activatedAt: 0, retiresAt: time)
        case .remove: model.subscription = nil
        case .handshake: model.isPending = true
        case .forget: model.isPending = false
        case .tamper, .foreign, .move: break
        }
    }

    private static func record(
        _ step: Step,
        _ token: VerificationToken,
        _ time: Int64,
        _ keys: SealingKeys,
        _ foreign: SealingKeys,
        _ model: Model
    ) throws -> (Record, isTrusted: Bool) {
        let active = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: time), token)
        switch step {
        case .activate: return (active.record(in: topic, sealedWith: keys), true)
        case .retire:
            let retired = Subscription(name: nil, activatedAt: 0, retiresAt: time)
            return (SubscriptionRecord.subscription(retired, token).record(in: topic, sealedWith: keys), true)
        case .remove:
            let gone = SubscriptionRecord.gone(.subscription(Fingerprint(token)))
            return (gone.record(in: topic, sealedWith: keys), true)
        case .tamper:
            var record = active.record(in: topic, sealedWith: keys)
            record.value = Array(#"{"activated_at":"2030-01-01T00:00:00.000Z","v":1}"#.utf8)
            return (record, false)
        case .foreign: return (active.record(in: topic, sealedWith: foreign), false)
        case .move:
            let handshake = ReceivedHandshake(name: nil, client: "", receivedAt: 0, expiresAt: 1)
            let pending = SubscriptionRecord.handshake(handshake, token).record(in: topic, sealedWith: keys)
            let moved = Record(
                topic: topic,
                key: SubscriptionKey.subscription(Fingerprint(token)).bytes,
                headers: pending.headers,
                value: active.record(in: topic, sealedWith: keys).value
            )
            return (moved, false)
        case .handshake:
            let handshake = ReceivedHandshake(name: nil, client: "", receivedAt: time, expiresAt: time + 1)
            return (SubscriptionRecord.handshake(handshake, token).record(in: topic, sealedWith: keys), true)
        case .forget:
            let gone = SubscriptionRecord.gone(.handshake(Fingerprint(token)))
            return (gone.record(in: topic, sealedWith: keys), true)
        }
    }

    @Test
    func `bytes of any kind make no token and stop nobody`() throws {
        var random = SeededGenerator()
        let keys = SealingKeys([.generate()])
        let token = try #require(VerificationToken("secret_a"))
        let good = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 1), token)
            .record(in: Self.topic, sealedWith: keys)
        var snapshot = SubscriptionsSnapshot()
        for _ in 0..<5_000 {
            var record = good
            switch Int.random(in: 0..<4, using: &random) {
            case 0: record.key = random.bytes(like: "subscription/handshake/use/0123456789abcdef", countMax: 40)
            case 1: record.value = random.bytes(like: #"{"v":1,"activated_at":"2026-01-01T00:00:00Z"}"#, countMax: 80)
            case 2: record.headers[0].value = random.bytes(like: "0123456789abcdef", countMax: 12)
            default:
                var text = record.headers[1].value ?? []
                let place = Int.random(in: text.indices, using: &random)
                text[place] = text[place] &+ UInt8.random(in: 1...255, using: &random)
                record.headers[1].value = text
            }
            guard record != good else { continue }
            snapshot.apply(record, openedWith: keys)
        }
        #expect(Keyring(configured: [], snapshot: snapshot, now: 2).keys.isEmpty, "\(random)")
        #expect(snapshot.apply(good, openedWith: keys) == nil, "\(random)")
    }
}
