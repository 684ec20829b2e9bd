package import NotionWebhooks
import OrderedConsumer
package import Subscriptions
import TextOutput
import Timestamps

/// What a command writes about one token, and what should be there afterwards. Pure.
package struct SubscriptionPlan: Sendable, Equatable {
    package let fingerprint: Fingerprint
    /// In this order; empty when everything is as it should be.
    package private(set) var writes: [SubscriptionRecord] = []
    /// Nil when the token was pending and is discarded.
    package let wanted: Subscription?
    package private(set) var notes: [String] = []

    /// Whether the topic has the wanted state afterwards. If not, another command has written later.
    package func isCarriedOut(in snapshot: SubscriptionsSnapshot) -> Bool {
        guard let wanted else { return snapshot.handshakes[fingerprint] == nil }
        return snapshot.subscriptions[fingerprint]?.content == wanted
    }

    /// Also one that was retired or is about to be. Without a name it keeps its own, or gets that of the handshake. An
    /// expired handshake counts as long as it is there: the operator who names it decides.
    package static func activating(
        _ fingerprint: Fingerprint,
        named name: SubscriptionName?,
        in snapshot: SubscriptionsSnapshot,
        at now: Int64
    ) throws(SubscriptionPlanError) -> SubscriptionPlan {
        let pending = snapshot.handshakes[fingerprint]
        if let known = snapshot.subscriptions[fingerprint], case .success(let token) = known.token {
            let before = known.content
            var wanted = before
            wanted.name = name ?? before.name
            wanted.retiresAt = nil
            if before.state(at: now) == .retired { wanted.activatedAt = now }
            var plan = SubscriptionPlan(fingerprint: fingerprint, wanted: wanted)
            let isOverwritten = plan.noteRefusal(in: snapshot)
            if wanted != before || isOverwritten { plan.writes.append(.subscription(wanted, token)) }
            if plan.writes.isEmpty { plan.notes.append("\(fingerprint) is active already") }
            if pending != nil { plan.writes.append(.gone(.handshake(fingerprint))) }
            plan.noteClosedPath(before.name, in: snapshot, at: now)
            return plan
        }
        guard let pending else { throw missing(fingerprint, in: snapshot) }
        switch pending.token {
        case .failure(let error): throw .unreadable(.handshake(fingerprint), .sealed(error))
        case .success(let token):
            let wanted = Subscription(name: name ?? pending.content.name, activatedAt: now)
            var plan = SubscriptionPlan(fingerprint: fingerprint, wanted: wanted)
            plan.writes = [.subscription(wanted, token), .gone(.handshake(fingerprint))]
            plan.noteClosedPath(pending.content.name, in: snapshot, at: now)
            return plan
        }
    }

    /// From `time` on; a token that is only pending is discarded. The past is refused: it is usually a mistake.
    package static func retiring(
        _ fingerprint: Fingerprint,
        at time: Int64?,
        in snapshot: SubscriptionsSnapshot,
        now: Int64
    ) throws(SubscriptionPlanError) -> SubscriptionPlan {
        if let time, time <= now { throw .past(time) }
        guard let known = snapshot.subscriptions[fingerprint] else {
            guard snapshot.handshakes[fingerprint] != nil else { throw missing(fingerprint, in: snapshot) }
            guard time == nil else { throw .pendingWithTime(fingerprint) }
            return SubscriptionPlan(fingerprint: fingerprint, writes: [.gone(.handshake(fingerprint))], wanted: nil)
        }
        guard case .success(let token) = known.token else { throw missing(fingerprint, in: snapshot) }
        if known.content.state(at: now) == .retired {
            guard time == nil else { throw .retired(fingerprint, known.content.retiresAt ?? now) }
            let notes = ["\(fingerprint) is retired already"]
            return SubscriptionPlan(fingerprint: fingerprint, wanted: known.content, notes: notes)
        }
        var wanted = known.content
        wanted.retiresAt = time ?? now
        let notes = warnings(fingerprint, at: time ?? now, in: snapshot, now: now)
        return SubscriptionPlan(
            fingerprint: fingerprint,
            writes: [.subscription(wanted, token)],
            wanted: wanted,
            notes: notes
        )
    }

    /// Activates tokens that are not there yet, one plan each. A retired one stays retired.
    package static func importing(
        _ tokens: [VerificationToken],
        named name: SubscriptionName?,
        in snapshot: SubscriptionsSnapshot,
        at now: Int64
    ) -> [SubscriptionPlan] {
        var seen: Set<Fingerprint> = []
        return tokens.filter { seen.insert(Fingerprint($0)).inserted }.map { token in
            let fingerprint = Fingerprint(token)
            if let known = snapshot.subscriptions[fingerprint], case .success(let token) = known.token {
                var plan = SubscriptionPlan(fingerprint: fingerprint, wanted: known.content)
                if plan.noteRefusal(in: snapshot) {
                    plan.writes = [.subscription(known.content, token)]
                    return plan
                }
                plan.notes = [
                    known.content.state(at: now) == .retired
                        ? "\(fingerprint) was retired and stays so; notion-relay subscription activate \(fingerprint)"
                            + " brings it back"
                        : "\(fingerprint) is there already"
                ]
                return plan
            }
            let wanted = Subscription(name: name, activatedAt: now)
            let gone = snapshot.handshakes[fingerprint].map { _ in SubscriptionRecord.gone(.handshake(fingerprint)) }
            let writes = [.subscription(wanted, token), gone].compactMap(\.self)
            return SubscriptionPlan(fingerprint: fingerprint, writes: writes, wanted: wanted)
        }
    }

    // Limit: a day, so that a quiet night does not hide that the token is in use.
    private static let recentUse: Int64 = 86_400_000

    /// Whether a writer without the key has overwritten the subscription. What was known before still counts, but is
    /// lost to those who read the topic after its next compaction, so it is written again.
    private mutating func noteRefusal(in snapshot: SubscriptionsSnapshot) -> Bool {
        guard let refusal = snapshot.refusals[.subscription(fingerprint)] else { return false }
        notes.append("the newest record of \(fingerprint) \(refusal); the one before it is written again")
        return true
    }

    /// A name is also the last part of a path, and Notion keeps posting to the path that it was given.
    private mutating func noteClosedPath(_ old: SubscriptionName?, in snapshot: SubscriptionsSnapshot, at now: Int64) {
        guard let old, old != wanted?.name else { return }
        let isKept = Self.others(than: fingerprint, in: snapshot, at: now).contains { $0.name == old }
        guard !isKept else { return }
        notes.append(
            "no token is called \(old) any more: what Notion posts to the path that ends with /\(old) is answered 404"
        )
    }

    private static func warnings(
        _ fingerprint: Fingerprint,
        at time: Int64,
        in snapshot: SubscriptionsSnapshot,
        now: Int64
    ) -> [String] {
        var warnings: [String] = []
        if others(than: fingerprint, in: snapshot, at: time).isEmpty {
            warnings.append(
                "no other token of the topic is active then: after that only tokens in the replicas' settings verify"
            )
        }
        if let use = snapshot.uses[fingerprint], now - use.lastAt < recentUse {
            let name = PlainText.cut(use.subscriptionID, bytesMax: 128)
            let id = name.isEmpty ? "" : " of the subscription \(name)"
            warnings.append(
                "\(fingerprint) is in use: an event\(id) came at \(Timestamp.text(milliseconds: use.lastAt))"
            )
        }
        return warnings
    }

    private static func others(
        than fingerprint: Fingerprint,
        in snapshot: SubscriptionsSnapshot,
        at time: Int64
    ) -> [Subscription] {
        snapshot.subscriptions.compactMap { other, entry in
            guard other != fingerprint, case .success = entry.token else { return nil }
            return entry.content.state(at: time) == .retired ? nil : entry.content
        }
    }

    private static func missing(_ fingerprint: Fingerprint, in snapshot: SubscriptionsSnapshot) -> SubscriptionPlanError
    {
        for key in [SubscriptionKey.subscription(fingerprint), .handshake(fingerprint)] {
            if let refusal = snapshot.refusals[key] { return .unreadable(key, refusal) }
        }
        let known = Set(snapshot.subscriptions.keys).union(snapshot.handshakes.keys).sorted()
        // A person may have meant one in which up to three digits are different.
        let near = known.filter { zip($0.text.utf8, fingerprint.text.utf8).count { $0 != $1 } <= 3 }
        return .unknown(fingerprint, near: Array(near.prefix(3)))
    }
}

package enum SubscriptionPlanError: Error, Sendable, Equatable, CustomStringConvertible {
    case unknown(Fingerprint, near: [Fingerprint])
    /// The record is there, and this reader cannot use it.
    case unreadable(SubscriptionKey, SubscriptionsSnapshot.Refusal)
    /// The time to retire at is in the past: milliseconds since 1970.
    case past(Int64)
    case pendingWithTime(Fingerprint)
    /// It would verify again until the time.
    case retired(Fingerprint, Int64)

    package var description: String {
        switch self {
        case .unknown(let fingerprint, let near):
            "no token has the fingerprint \(fingerprint)"
                + (near.isEmpty ? "" : "; did you mean \(near.map(\.text).joined(separator: " or "))?")
                + "; subscription pending and list show all; for a new one press Resend token in Notion"
        case .unreadable(let key, let refusal):
            if case .sealed(.otherKey) = refusal {
                "\(key.text) \(refusal); give the key that the replicas have"
            } else {
                "\(key.text) \(refusal); press Resend token in Notion, or import the token, so that it is written anew"
            }
        case .past(let time):
            "--at \(Timestamp.text(milliseconds: time)) has passed; leave it out to retire the token now"
        case .pendingWithTime(let fingerprint):
            "\(fingerprint) is only pending and verifies nothing; leave out --at to discard it"
        case .retired(let fingerprint, let time):
            "\(fingerprint) was retired at \(Timestamp.text(milliseconds: time)); "
                + "activate it first if it should verify until then"
        }
    }
}

extension SubscriptionsSnapshot {
    package func words(_ fingerprint: Fingerprint, at now: Int64) -> String {
        if let subscription = subscriptions[fingerprint]?.content {
            let name = subscription.name.map { " (\($0))" } ?? ""
            return "\(fingerprint)\(name) \(subscription.words(at: now))"
        }
        guard let handshake = handshakes[fingerprint]?.content else { return "\(fingerprint) is not there" }
        return "\(fingerprint) is pending, received at \(Timestamp.text(milliseconds: handshake.receivedAt))"
    }
}

extension Subscription {
    /// The end of a sentence that begins with the token.
    fileprivate func words(at now: Int64) -> String {
        let time = Timestamp.text(milliseconds: retiresAt ?? activatedAt)
        return switch state(at: now) {
        case .active: "is active since \(time)"
        case .retiring: "verifies until \(time)"
        case .retired: "is retired since \(time)"
        }
    }
}
