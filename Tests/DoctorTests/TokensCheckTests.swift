import Kafka
import NotionWebhooks
import Subscriptions
import Testing

@testable import Doctor

@Suite
struct TokensCheckTests {
    private static let now = DoctorSample.now
    private static let day = DoctorSample.day
    private static let hour: Int64 = 3_600_000

    private let key = SealingKey.generate()

    private func token(_ text: String) throws -> VerificationToken { try #require(VerificationToken(text)) }

    private func snapshot(
        _ records: [SubscriptionRecord],
        sealedWith keys: [SealingKey]? = nil
    )
        -> SubscriptionsSnapshot
    {
        var snapshot = SubscriptionsSnapshot()
        for record in records {
            let written = record.record(in: "subscriptions", sealedWith: SealingKeys(keys ?? [key]))
            snapshot.apply(written, openedWith: SealingKeys([key]))
        }
        return snapshot
    }

    private func troubles(
        _ snapshot: SubscriptionsSnapshot,
        _ change: (inout DoctorSettings) -> Void = { _ in }
    ) -> [String] {
        let settings = DoctorSample.settings {
            $0.keys = SealingKeys([key])
            change(&$0)
        }
        let found = TokensCheck.findings(.read(snapshot), settings, now: Self.now)
        DoctorSample.expectAdvice(found)
        return DoctorSample.checks(found)
    }

    private func subscription(_ text: String, retiresAt: Int64? = nil) throws -> SubscriptionRecord {
        .subscription(Subscription(name: nil, activatedAt: 0, retiresAt: retiresAt), try token(text))
    }

    private func use(_ text: String, lastAt: Int64, subscription: String = "s") throws -> SubscriptionRecord {
        let use = TokenUse(
            subscriptionID: subscription,
            workspaceID: "",
            workspaceName: "",
            integrationID: "",
            firstAt: 0,
            lastAt: lastAt
        )
        return .use(use, of: Fingerprint(try token(text)))
    }

    private func handshake(expiresAt: Int64) throws -> SubscriptionRecord {
        let handshake = ReceivedHandshake(name: nil, client: "192.0.2.1", receivedAt: 0, expiresAt: expiresAt)
        return .handshake(handshake, try token("secret_new"))
    }

    @Test func `without any token there is an error`() throws {
        #expect(troubles(snapshot([])) == ["error no_token"])
        #expect(troubles(snapshot([try handshake(expiresAt: Self.now - 1)])) == ["error no_token"])
        #expect(
            troubles(snapshot([try subscription("secret_a", retiresAt: Self.now - Self.day)])) == ["error no_token"]
        )
        let fingerprint = Fingerprint(try token("secret_b"))
        #expect(troubles(snapshot([])) { $0.tokens = [fingerprint] } == [])
    }

    @Test func `a pending handshake is named, with the command that activates it`() throws {
        let waiting = snapshot([try handshake(expiresAt: Self.now + 1)])
        #expect(troubles(waiting) == ["warning handshake_pending"])
        let settings = DoctorSample.settings { $0.keys = SealingKeys([key]) }
        let found = TokensCheck.findings(.read(waiting), settings, now: Self.now)
        let fingerprint = Fingerprint(try token("secret_new")).text
        #expect(found[0].title.contains(fingerprint) && found[0].advice.contains("activate \(fingerprint)"))
        let beside = [try subscription("secret_a"), try use("secret_a", lastAt: Self.now)]
        #expect(troubles(snapshot(beside + [try handshake(expiresAt: Self.now + 1)])) == ["warning handshake_pending"])
        let activated = [try subscription("secret_new"), try use("secret_new", lastAt: 0)]
        #expect(troubles(snapshot(activated + [try handshake(expiresAt: Self.now + 1)])) == [])
    }

    @Test func `a handshake in the memory of an edge counts where there is no sealing key`() throws {
        let held = [Fingerprint(try token("secret_new"))]
        let found = TokensCheck.findings(.missing, DoctorSample.settings(), heldByEdge: held, now: Self.now)
        #expect(DoctorSample.checks(found) == ["warning handshake_pending"])
        #expect(
            DoctorSample.checks(TokensCheck.findings(.missing, DoctorSample.settings(), now: Self.now)) == [
                "error no_token"
            ]
        )
    }

    @Test func `a token sealed under another key names both keys`() throws {
        let other = SealingKey.generate()
        let records = snapshot([try subscription("secret_a")], sealedWith: [other])
        let settings = DoctorSample.settings { $0.keys = SealingKeys([key]) }
        let found = TokensCheck.findings(.read(records), settings, now: Self.now)
        #expect(DoctorSample.checks(found) == ["error no_token", "error sealed_other_key"])
        let title = found.first { $0.check == "sealed_other_key" }?.title ?? ""
        #expect(title.contains(other.id) && title.contains(key.id))
        let waiting = snapshot([try handshake(expiresAt: Self.now + 1)], sealedWith: [other])
        #expect(troubles(waiting).contains("warning sealed_other_key"))
    }

    @Test func `a record that was changed is an error about who may write`() throws {
        var snapshot = snapshot([try subscription("secret_b"), try use("secret_b", lastAt: Self.now)])
        var record = try subscription("secret_a").record(in: "subscriptions", sealedWith: SealingKeys([key]))
        record.value = Array(#"{"activated_at":"1970-01-01T00:00:02.000Z","v":1}"#.utf8)
        snapshot.apply(record, openedWith: SealingKeys([key]))
        #expect(troubles(snapshot) == ["error sealed_tampered"])
        record.value = Array("{}".utf8)
        snapshot.apply(record, openedWith: SealingKeys([key]))
        #expect(troubles(snapshot) == ["warning subscription_record_malformed"])
    }

    @Test func `a token that retires or retired while it is used is a warning`() throws {
        func rotating(_ retires: Int64, _ lastUse: Int64, _ more: [SubscriptionRecord] = []) throws -> [String] {
            let records = [try subscription("secret_a", retiresAt: retires), try use("secret_a", lastAt: lastUse)]
            let active = [try subscription("secret_b"), try use("secret_b", lastAt: 0, subscription: "t")]
            return troubles(snapshot(records + active + more))
        }
        #expect(try rotating(Self.now + 3 * Self.day, Self.now - Self.hour) == ["warning token_retires_in_use"])
        #expect(try rotating(Self.now + 3 * Self.day, Self.now - 2 * Self.day) == [])
        #expect(try rotating(Self.now + 8 * Self.day, Self.now - Self.hour) == [])
        let retired = Self.now - Self.day
        #expect(try rotating(retired, retired - 60_000) == ["warning token_retired_in_use"])
        #expect(try rotating(retired, retired - 2 * Self.hour) == [])
        #expect(try rotating(retired, retired - 60_000, [try use("secret_c", lastAt: Self.now)]) == [])
    }

    @Test func `a token that the settings have too stays active when it is retired in the topic`() throws {
        let retired = [try subscription("secret_a", retiresAt: 1), try use("secret_a", lastAt: 0)]
        let fingerprint = Fingerprint(try token("secret_a"))
        #expect(troubles(snapshot(retired)) { $0.tokens = [fingerprint] } == [])
    }

    @Test func `a token that never verified a delivery is a question about Notion`() throws {
        #expect(troubles(snapshot([try subscription("secret_a")])) == ["unknown token_unused"])
    }

    @Test func `sealed tokens without a key, and optional signatures, are warnings`() throws {
        var snapshot = SubscriptionsSnapshot()
        let record = try subscription("secret_a").record(in: "subscriptions", sealedWith: SealingKeys([key]))
        snapshot.apply(record, openedWith: SealingKeys([]))
        let fingerprint = Fingerprint(try token("secret_b"))
        let settings = DoctorSample.settings {
            $0.tokens = [fingerprint]
            $0.isSignatureOptional = true
        }
        let found = TokensCheck.findings(.read(snapshot), settings, now: Self.now)
        #expect(DoctorSample.checks(found) == ["warning no_sealing_key", "warning signature_optional"])
    }

    @Test func `a topic that cannot be read proves nothing about tokens`() throws {
        let settings = DoctorSample.settings { $0.keys = SealingKeys([key]) }
        let failed = TokensCheck.findings(.failed("no answer"), settings, now: Self.now)
        #expect(DoctorSample.checks(failed) == ["warning tokens_not_read"])
        let unreachable = TokensCheck.findings(.notChecked, settings, now: Self.now)
        #expect(DoctorSample.checks(unreachable) == ["unknown tokens_not_checked"])
    }
}
