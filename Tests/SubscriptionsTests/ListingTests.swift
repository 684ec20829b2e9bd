import Kafka
import NotionWebhooks
import Testing

@testable import SubscriptionAdministration
@testable import Subscriptions

/// What `subscription pending` and `subscription list` show, to the character.
@Suite
struct ListingTests {
    private static let topic = "notion.subscriptions.v1"
    private static let now: Int64 = 1_790_000_000_000
    private static let minute: Int64 = 60_000
    private static let hour = 60 * minute

    private let keys = SealingKeys([.generate()])

    private func token(_ name: String) throws -> VerificationToken {
        try #require(VerificationToken("secret_\(name)"))
    }

    private func snapshot(_ records: [SubscriptionRecord], foreign: [SubscriptionRecord] = []) -> SubscriptionsSnapshot
    {
        let others = SealingKeys([.generate()])
        var snapshot = SubscriptionsSnapshot()
        for record in records { snapshot.apply(record.record(in: Self.topic, sealedWith: keys), openedWith: keys) }
        for record in foreign { snapshot.apply(record.record(in: Self.topic, sealedWith: others), openedWith: keys) }
        return snapshot
    }

    private func handshake(_ name: String, ago: Int64, expiresIn: Int64) throws -> SubscriptionRecord {
        let handshake = ReceivedHandshake(
            name: name == "harbour" ? SubscriptionName(name) : nil,
            client: "192.0.2.7",
            receivedAt: Self.now - ago,
            expiresAt: Self.now + expiresIn
        )
        return .handshake(handshake, try token(name))
    }

    @Test
    func `pending tokens are listed newest first, without the expired ones and without the tokens`() throws {
        let snapshot = snapshot([
            try handshake("old", ago: 2 * Self.hour, expiresIn: 0),
            try handshake("harbour", ago: 5 * Self.minute, expiresIn: 55 * Self.minute),
            try handshake("quay", ago: 12_000, expiresIn: 59 * Self.minute + 48_000),
        ])
        let listing = HandshakeListing(snapshot, now: Self.now, revealing: false, hasKeys: true)
        let (quay, harbour) = (try token("quay").fingerprint, try token("harbour").fingerprint)
        #expect(
            listing.lines == [
                "FINGERPRINT   STATE    SINCE                                 EXPIRES     NAME     CLIENT",
                "\(quay)  pending  2026-09-21T14:13:08.000Z (12s ago)    in 59m 48s  -        192.0.2.7",
                "\(harbour)  pending  2026-09-21T14:08:20.000Z (5m 0s ago)  in 55m 0s   harbour  192.0.2.7",
            ]
        )
        #expect(listing.expired == 1 && listing.problems == 0)
        #expect(!listing.json.contains("secret") && !"\(listing)".contains("secret"))
        let revealed = HandshakeListing(snapshot, now: Self.now, revealing: true, hasKeys: true)
        #expect(revealed.lines[0].hasSuffix("  TOKEN") && revealed.lines[1].hasSuffix("  secret_quay"))
        #expect(revealed.json.contains(#""token":"secret_harbour""#) && !revealed.json.contains("secret_old"))
    }

    @Test
    func `a pending token that does not open is marked, and one that is none is said`() throws {
        let foreign = try handshake("quay", ago: 0, expiresIn: 1)
        var snapshot = snapshot([try handshake("harbour", ago: 1, expiresIn: 1)], foreign: [foreign])
        let bad = SubscriptionKey.handshake(try #require(Fingerprint("0123456789ab")))
        snapshot.apply(Record(topic: Self.topic, key: bad.bytes, value: [1]), openedWith: keys)
        let listing = HandshakeListing(snapshot, now: Self.now, revealing: true, hasKeys: true)
        #expect(listing.problems == 1)
        #expect(listing.rows[0].problem?.hasPrefix("is sealed under the key ") == true)
        #expect(listing.rows[1].token == "secret_harbour")
        #expect(listing.refusals == ["handshake/0123456789ab is not what notion-relay writes"])
        let blind = HandshakeListing(snapshot, now: Self.now, revealing: false, hasKeys: false)
        #expect(blind.problems == 0 && blind.lines[0].hasSuffix("CLIENT"))
        let marked = HandshakeListing(snapshot, now: Self.now, revealing: false, hasKeys: true)
        #expect(marked.lines[0].hasSuffix("PROBLEM") && !"\(marked)".contains("secret"))
    }

    @Test
    func `a token that was activated and not used yet can still be read`() throws {
        func active(_ name: String, ago: Int64, retiresAt: Int64? = nil) throws -> SubscriptionRecord {
            let subscription = Subscription(name: nil, activatedAt: Self.now - ago, retiresAt: retiresAt)
            return .subscription(subscription, try token(name))
        }
        let snapshot = snapshot([
            try active("new", ago: Self.minute), try active("used", ago: Self.minute),
            try use("used", "s1", lastAt: Self.now), try active("old", ago: 25 * Self.hour),
            try active("leaving", ago: Self.minute, retiresAt: Self.now + 1),
            try handshake("harbour", ago: Self.hour, expiresIn: 1),
        ])
        let listing = HandshakeListing(snapshot, now: Self.now, revealing: true, hasKeys: true)
        #expect(listing.rows.map(\.token) == ["secret_harbour", "secret_new"])
        #expect(listing.rows.map(\.state) == [.pending, .activated])
        #expect(listing.lines[2].hasSuffix("  -        -        -          secret_new"))
    }

    private func use(_ name: String, _ id: String, lastAt: Int64) throws -> SubscriptionRecord {
        let use = TokenUse(
            subscriptionID: id,
            workspaceID: "workspace-\(id)",
            workspaceName: "Harbour \u{1B}[2JStudio",
            integrationID: "",
            firstAt: 0,
            lastAt: lastAt
        )
        return .use(use, of: Fingerprint(try token(name)))
    }

    private func listing(hasKeys: Bool = true) throws -> SubscriptionListing {
        func active(_ name: String, retiresAt: Int64? = nil) throws -> SubscriptionRecord {
            let subscription = Subscription(name: SubscriptionName(name), activatedAt: 1, retiresAt: retiresAt)
            return .subscription(subscription, try token(name))
        }
        let snapshot = snapshot(
            [
                try active("a-busy"), try active("b-leaving", retiresAt: Self.now + Self.hour),
                try active("c-gone", retiresAt: Self.now), try active("d-new"), try active("e-silent"),
                try use("a-busy", "s1", lastAt: Self.now - 1), try use("b-leaving", "s2", lastAt: Self.now),
                try use("e-silent", "s5", lastAt: Self.now - 50 * Self.hour),
                try use("configured", "s4", lastAt: Self.now - Self.hour),
            ],
            foreign: [try active("f-foreign")]
        )
        let traffic = TrafficReport(
            subscriptions: [
                SubscriptionTraffic(
                    subscriptionID: "s1",
                    events: 1200,
                    byType: ["page.created": 200, "page.content_updated": 1000],
                    lastAt: Self.now - 1,
                    repeated: 15,
                    longestSilence: 1
                ),
                SubscriptionTraffic(
                    subscriptionID: "s2",
                    events: 40,
                    byType: ["comment.created": 40],
                    lastAt: Self.now - 2 * Self.hour,
                    unverified: 3
                ),
                SubscriptionTraffic(
                    subscriptionID: "s9",
                    workspaceID: "w9",
                    events: 1,
                    byType: ["other": 1],
                    lastAt: 0
                ),
            ],
            from: Self.now - 24 * Self.hour,
            to: Self.now
        )
        return SubscriptionListing(snapshot, traffic, now: Self.now, hasKeys: hasKeys)
    }

    @Test
    func `subscriptions are listed with their traffic, and nothing can change the terminal`() throws {
        let lines = try listing().lines
        let words = lines.map { $0.split(separator: " ").joined(separator: " ") }
        func row(_ name: String, _ rest: String) throws -> String { "\(try token(name).fingerprint) \(rest)" }
        #expect(
            words == [
                "FINGERPRINT NAME STATE WORKSPACE SUBSCRIPTION LAST EVENT EVENTS RETRIED QUIET",
                try row("a-busy", "a-busy active Harbour [2JStudio s1 2026-09-21T14:13:19.999Z 1200 1.3% no"),
                "page.content_updated 1000, page.created 200",
                try row(
                    "b-leaving",
                    "b-leaving retiring on 2026-09-21T15:13:20.000Z Harbour [2JStudio s2 "
                        + "2026-09-21T14:13:20.000Z 40 0.0% yes"
                ),
                "comment.created 40, unverified 3",
                try row("c-gone", "c-gone retired - - - - - -"),
                try row("d-new", "d-new active - - - - - -"),
                try row("e-silent", "e-silent active Harbour [2JStudio s5 2026-09-19T12:13:20.000Z 0 - throughout"),
                try row("f-foreign", "f-foreign unreadable - - - - - -"),
                lines[9].split(separator: " ").joined(separator: " "),
                try row("configured", "- configured Harbour [2JStudio s4 2026-09-21T13:13:20.000Z 0 - throughout"),
                "- - unbound w9 s9 1970-01-01T00:00:00.000Z 1 0.0% -", "other 1",
            ]
        )
        #expect(lines[9].hasPrefix("  its newest record is sealed under the key "))
        #expect(lines.allSatisfy { !$0.contains("secret") && !$0.contains("\u{1B}") })
        let json = try listing().json
        #expect(!json.contains("secret"))
    }

    @Test
    func `without a key records are taken at their word, and without a topic the rest is shown`() throws {
        let rows = try listing(hasKeys: false).rows
        #expect(rows.first { $0.name == "f-foreign" }?.state == .active)
        let none = SubscriptionListing(nil, nil, now: Self.now, hasKeys: true)
        #expect(none.rows.isEmpty && none.json == #"{"is_complete":false,"replayed":0,"subscriptions":[]}"#)
        let blind = SubscriptionListing(
            snapshot([try use("configured", "s4", lastAt: 0)]),
            nil,
            now: Self.now,
            hasKeys: true
        )
        #expect(blind.rows[0].events == nil && blind.rows[0].quiet == .unknown)
    }

    @Test
    func `a subscription that somebody wrote over is shown with what counts, and why`() throws {
        let subscription = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 1), try token("a"))
        let row = SubscriptionListing(
            snapshot([subscription], foreign: [subscription]),
            nil,
            now: Self.now,
            hasKeys: true
        )
        #expect(row.rows[0].state == .active)
        #expect(row.lines.last?.hasSuffix(", so the one before it counts: activate the token again") == true)
    }

    @Test
    func `more types than Notion has are cut`() {
        let types = Dictionary(uniqueKeysWithValues: (0..<257).map { ("type.\($0)", 1) })
        let own = SubscriptionTraffic(subscriptionID: "s", events: 257, byType: types)
        let traffic = TrafficReport(subscriptions: [own], from: 0, to: 1)
        let lines = SubscriptionListing(nil, traffic, now: 1, hasKeys: false).lines
        #expect(lines.last?.hasSuffix("and 217 more types") == true)
        #expect(lines.dropFirst(2).allSatisfy { $0.count <= 112 })
    }
}
