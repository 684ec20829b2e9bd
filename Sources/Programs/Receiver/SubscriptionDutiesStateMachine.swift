package import Subscriptions

/// What a replica has to write to the subscriptions topic. Pure: the same facts give the same records.
package struct SubscriptionDutiesStateMachine {
    // Limit: of the whole cluster; a person looks for the newest one or two.
    package static let handshakesMax = 64
    // Limit: records written between two looks at the topic.
    static let recordsMax = 32
    /// How much newer than the topic a token's use has to be to be written.
    static let useMilliseconds: Int64 = 60_000
    /// Replicas tidy up at different times, so that mostly one of them does.
    static let spreadMilliseconds: Int64 = 60_000

    let expiryMilliseconds: Int64
    /// This replica's share of the spread.
    let delayMilliseconds: Int64

    package init(expiryMilliseconds: Int64, delayMilliseconds: Int64) {
        self.expiryMilliseconds = expiryMilliseconds
        self.delayMilliseconds = delayMilliseconds
    }

    /// The records to write for tokens in memory, and the tokens that need not wait there: in the topic, or active.
    package func handshakes(
        _ pending: [PendingHandshakes.Pending],
        _ snapshot: SubscriptionsSnapshot,
        active: Set<Fingerprint>,
        now: Int64
    ) -> (records: [SubscriptionRecord], known: Set<Fingerprint>) {
        var known: Set<Fingerprint> = []
        var records: [SubscriptionRecord] = []
        var waiting = snapshot.handshakes.filter { !$0.value.content.isExpired(at: now) }
            .map { ($0.key, $0.value.content.client, $0.value.content.receivedAt) }
            .sorted { ($0.2, $0.0) < ($1.2, $1.0) }
        for pending in pending {
            let fingerprint = Fingerprint(pending.token)
            if active.contains(fingerprint) || isHeld(fingerprint, snapshot, now) {
                known.insert(fingerprint)
                continue
            }
            waiting.removeAll { $0.0 == fingerprint }
            if waiting.count >= Self.handshakesMax, let index = Eviction.index(among: waiting.map(\.1)) {
                records.append(.gone(.handshake(waiting.remove(at: index).0)))
            }
            waiting.append((fingerprint, pending.client, pending.receivedAtMilliseconds))
            records.append(.handshake(received(pending), pending.token))
        }
        return (records, known)
    }

    private func isHeld(_ fingerprint: Fingerprint, _ snapshot: SubscriptionsSnapshot, _ now: Int64) -> Bool {
        guard let entry = snapshot.handshakes[fingerprint], case .success = entry.token else { return false }
        return entry.content.expiresAt - now > expiryMilliseconds / 2
    }

    private func received(_ pending: PendingHandshakes.Pending) -> ReceivedHandshake {
        ReceivedHandshake(
            name: pending.name,
            client: pending.client,
            receivedAt: pending.receivedAtMilliseconds,
            expiresAt: pending.receivedAtMilliseconds + expiryMilliseconds
        )
    }

    package func tidying(_ snapshot: SubscriptionsSnapshot, now: Int64) -> [SubscriptionRecord] {
        let expired = snapshot.handshakes.filter { $0.value.content.isExpired(at: now - delayMilliseconds) }
        return expired.keys.sorted().prefix(Self.recordsMax).map { .gone(.handshake($0)) }
    }

    /// Uses that the topic does not have yet. All replicas see what one of them wrote, so that together they write
    /// about once a minute.
    package func uses(_ seen: [Fingerprint: TokenUse], _ snapshot: SubscriptionsSnapshot) -> [SubscriptionRecord] {
        var records: [SubscriptionRecord] = []
        for (fingerprint, use) in seen.sorted(by: { $0.key < $1.key }).prefix(Self.recordsMax) {
            var next = use
            if let known = snapshot.uses[fingerprint], known.subscriptionID == use.subscriptionID {
                guard use.lastAt - known.lastAt >= Self.useMilliseconds else { continue }
                next.firstAt = min(known.firstAt, use.firstAt)
            } else if let known = snapshot.uses[fingerprint], known.lastAt > use.lastAt {
                continue
            }
            records.append(.use(next, of: fingerprint))
        }
        return records
    }
}
