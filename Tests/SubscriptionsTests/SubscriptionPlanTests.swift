import NotionWebhooks
import Testing

@testable import SubscriptionAdministration
@testable import Subscriptions

/// What each command writes about a token, for each state that the token can be in.
@Suite
struct SubscriptionPlanTests {
    private static let topic = "notion.subscriptions.v1"
    private static let now: Int64 = 1_790_000_000_000
    private static let day: Int64 = 86_400_000

    private let keys = SealingKeys([.generate()])
    private let token: VerificationToken
    private let fingerprint: Fingerprint
    private let harbour = SubscriptionName("harbour")
    private let quay = SubscriptionName("quay")

    init() throws {
        token = try #require(VerificationToken("secret_harbour"))
        fingerprint = Fingerprint(token)
    }

    /// What the topic says of the token before a command.
    enum Before: String, CaseIterable, Sendable {
        case nothing, pending, expired, active, retiring, retired, activeAndPending
        /// Sealed under another key.
        case foreignPending, foreignActive
        /// Active, and then somebody without the key wrote over it.
        case overwritten
    }

    private func subscription(_ before: Before) -> Subscription? {
        switch before {
        case .nothing, .pending, .expired, .foreignPending: nil
        case .active, .activeAndPending, .foreignActive, .overwritten: Subscription(name: harbour, activatedAt: 1_000)
        case .retiring: Subscription(name: harbour, activatedAt: 1_000, retiresAt: Self.now + Self.day)
        case .retired: Subscription(name: harbour, activatedAt: 1_000, retiresAt: Self.now - Self.day)
        }
    }

    private func snapshot(_ before: Before, _ more: [SubscriptionRecord] = []) -> SubscriptionsSnapshot {
        let expiresAt = before == .expired ? Self.now - 1 : Self.now + 1
        let handshake = ReceivedHandshake(name: harbour, client: "192.0.2.1", receivedAt: 2_000, expiresAt: expiresAt)
        var records = more
        if let subscription = subscription(before) { records.append(.subscription(subscription, token)) }
        if [.pending, .expired, .activeAndPending, .foreignPending].contains(before) {
            records.append(.handshake(handshake, token))
        }
        let isForeign = before == .foreignPending || before == .foreignActive
        let sealing = isForeign ? SealingKeys([.generate()]) : keys
        var snapshot = SubscriptionsSnapshot()
        for record in records {
            snapshot.apply(record.record(in: Self.topic, sealedWith: sealing), openedWith: keys)
        }
        if before == .overwritten {
            let forged = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 0, retiresAt: 0), token)
            snapshot.apply(forged.record(in: Self.topic, sealedWith: SealingKeys([.generate()])), openedWith: keys)
        }
        return snapshot
    }

    /// The result of a plan, short: what is written, or why nothing is.
    private func outcome(_ plan: () throws(SubscriptionPlanError) -> SubscriptionPlan) -> String {
        do throws(SubscriptionPlanError) {
            let writes = try plan().writes.map { write in
                switch write {
                case .subscription(let subscription, let written):
                    written == token
                        ? "\(subscription.name?.text ?? "-") \(subscription.state(at: Self.now).rawValue) "
                            + "\(subscription.activatedAt == Self.now ? "anew" : "still")"
                        : "another token"
                case .gone(let key): "no \(key.text.prefix { $0 != "/" })"
                default: "\(write)"
                }
            }
            return writes.isEmpty ? "nothing" : writes.joined(separator: ", ")
        } catch {
            return switch error {
            case .unknown: "unknown"
            case .unreadable(let key, .sealed(.otherKey)): "\(key.text.prefix { $0 != "/" }) under another key"
            case .unreadable: "unreadable"
            case .past: "past"
            case .pendingWithTime: "pending with time"
            case .retired: "retired"
            }
        }
    }

    private static let activations: [(before: Before, unnamed: String, named: String)] = [
        (.nothing, "unknown", "unknown"),
        (.pending, "harbour active anew, no handshake", "quay active anew, no handshake"),
        (.expired, "harbour active anew, no handshake", "quay active anew, no handshake"),
        (.active, "nothing", "quay active still"),
        (.retiring, "harbour active still", "quay active still"),
        (.retired, "harbour active anew", "quay active anew"),
        (.activeAndPending, "no handshake", "quay active still, no handshake"),
        (.foreignPending, "handshake under another key", "handshake under another key"),
        (.foreignActive, "subscription under another key", "subscription under another key"),
        (.overwritten, "harbour active still", "quay active still"),
    ]

    @Test(arguments: activations)
    func `activating writes what brings the token there`(before: Before, unnamed: String, named: String) {
        let snapshot = snapshot(before)
        let plain = outcome { () throws(SubscriptionPlanError) in
            try .activating(fingerprint, named: nil, in: snapshot, at: Self.now)
        }
        #expect(plain == unnamed)
        let renamed = outcome { () throws(SubscriptionPlanError) in
            try .activating(fingerprint, named: quay, in: snapshot, at: Self.now)
        }
        #expect(renamed == named)
    }

    private static let retirements: [(before: Before, now: String, tomorrow: String)] = [
        (.nothing, "unknown", "unknown"),
        (.pending, "no handshake", "pending with time"),
        (.expired, "no handshake", "pending with time"),
        (.active, "harbour retired still", "harbour retiring still"),
        (.retiring, "harbour retired still", "harbour retiring still"),
        (.retired, "nothing", "retired"),
        (.activeAndPending, "harbour retired still", "harbour retiring still"),
        (.foreignPending, "no handshake", "pending with time"),
        (.foreignActive, "subscription under another key", "subscription under another key"),
        (.overwritten, "harbour retired still", "harbour retiring still"),
    ]

    @Test(arguments: retirements)
    func `retiring writes from when on the token verifies no more`(before: Before, now: String, tomorrow: String) {
        let snapshot = snapshot(before)
        func retired(at time: Int64?) -> String {
            outcome { () throws(SubscriptionPlanError) in
                try .retiring(fingerprint, at: time, in: snapshot, now: Self.now)
            }
        }
        #expect(retired(at: nil) == now)
        #expect(retired(at: Self.now + Self.day) == tomorrow)
        #expect(retired(at: Self.now) == "past")
    }

    private static let imports: [(before: Before, written: String)] = [
        (.nothing, "quay active anew"), (.pending, "quay active anew, no handshake"), (.active, "nothing"),
        (.retiring, "nothing"), (.retired, "nothing"), (.foreignActive, "quay active anew"),
        (.foreignPending, "quay active anew, no handshake"), (.overwritten, "harbour active still"),
    ]

    @Test(arguments: imports)
    func `importing writes what is not there, and brings nothing back`(before: Before, written: String) throws {
        let plans = SubscriptionPlan.importing([token, token], named: quay, in: snapshot(before), at: Self.now)
        #expect(plans.count == 1)
        #expect(outcome { () throws(SubscriptionPlanError) in plans[0] } == written)
    }

    @Test(arguments: Before.allCases)
    func `what was written is what was wanted, unless another one wrote behind it`(before: Before) throws {
        let start = snapshot(before)
        let activation = try? SubscriptionPlan.activating(fingerprint, named: quay, in: start, at: Self.now)
        let retirement = try? SubscriptionPlan.retiring(fingerprint, at: nil, in: start, now: Self.now)
        for plan in [activation, retirement].compactMap(\.self) {
            var after = start
            for write in plan.writes {
                after.apply(write.record(in: Self.topic, sealedWith: keys), openedWith: keys)
            }
            #expect(plan.isCarriedOut(in: after) && after.refusals[.subscription(fingerprint)] == nil)
            guard plan.wanted != nil else { continue }
            let other = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 7), token)
            after.apply(other.record(in: Self.topic, sealedWith: keys), openedWith: keys)
            #expect(!plan.isCarriedOut(in: after))
        }
    }

    @Test
    func `retiring warns of what would stop`() throws {
        let other = try #require(VerificationToken("secret_other"))
        let stays = SubscriptionRecord.subscription(Subscription(name: nil, activatedAt: 0), other)
        let goesFirst = SubscriptionRecord.subscription(
            Subscription(name: nil, activatedAt: 0, retiresAt: Self.now + 1),
            other
        )
        func use(_ lastAt: Int64) -> SubscriptionRecord {
            let use = TokenUse(
                subscriptionID: "sub-1",
                workspaceID: "",
                workspaceName: "",
                integrationID: "",
                firstAt: 0,
                lastAt: lastAt
            )
            return .use(use, of: fingerprint)
        }
        func notes(_ more: [SubscriptionRecord], at time: Int64? = nil) throws -> [String] {
            try SubscriptionPlan.retiring(fingerprint, at: time, in: snapshot(.active, more), now: Self.now).notes
        }
        let last = "no other token of the topic is active then: "
        #expect(try notes([stays, use(Self.now - Self.day)]) == [])
        #expect(try notes([goesFirst]) == [])
        #expect(try notes([goesFirst], at: Self.now + 5).map { $0.hasPrefix(last) } == [true])
        let both = try notes([use(Self.now - Self.day + 1)])
        #expect(both.count == 2 && both[0].hasPrefix(last))
        #expect(both[1].hasPrefix("\(fingerprint) is in use: an event of the subscription sub-1 came at 2026-"))
    }

    @Test
    func `a new name warns of the path that nobody answers any more`() throws {
        let other = try #require(VerificationToken("secret_other"))
        func notes(_ before: Before, _ name: SubscriptionName?, _ others: Subscription) throws -> [String] {
            let snapshot = snapshot(before, [.subscription(others, other)])
            return try SubscriptionPlan.activating(fingerprint, named: name, in: snapshot, at: Self.now).notes
        }
        let (same, gone) = (Subscription(name: harbour, activatedAt: 0), Subscription(name: quay, activatedAt: 0))
        let retired = Subscription(name: harbour, activatedAt: 0, retiresAt: Self.now)
        for before in [Before.pending, .active, .retired] {
            #expect(try notes(before, quay, same) == [])
            #expect(try notes(before, quay, gone).count { $0.contains("ends with /harbour is answered 404") } == 1)
            #expect(try notes(before, quay, retired).count == 1)
            #expect(try notes(before, nil, gone).allSatisfy { !$0.contains("404") })
        }
    }

    @Test
    func `an unknown fingerprint is answered with near ones, and no error shows a token`() throws {
        let digits = String(fingerprint.text.dropLast(2)) + (fingerprint.text.hasSuffix("00") ? "11" : "00")
        let slip = try #require(Fingerprint(digits))
        let far = try #require(Fingerprint("ffffffffffff"))
        for (asked, near) in [(slip, [fingerprint]), (far, [])] {
            #expect(throws: SubscriptionPlanError.unknown(asked, near: near)) {
                try SubscriptionPlan.activating(asked, named: nil, in: snapshot(.active), at: Self.now)
            }
        }
        let error = SubscriptionPlanError.unknown(slip, near: [fingerprint])
        #expect(error.description.contains("did you mean \(fingerprint)?"))
        #expect(error.description.contains("press Resend token in Notion"))
        for before in Before.allCases {
            let plan = try? SubscriptionPlan.activating(fingerprint, named: nil, in: snapshot(before), at: Self.now)
            let words = snapshot(before).words(fingerprint, at: Self.now)
            #expect((plan?.notes ?? []).allSatisfy { !$0.contains("secret") } && !words.contains("secret"))
        }
    }
}
