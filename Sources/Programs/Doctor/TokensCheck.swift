import Subscriptions

enum SnapshotReading: Sendable {
    case notChecked, missing
    case read(SubscriptionsSnapshot)
    case failed(String)

    var snapshot: SubscriptionsSnapshot? {
        guard case .read(let snapshot) = self else { return nil }
        return snapshot
    }
}

struct TokensCheck {
    private static let hour: Int64 = 3_600_000
    private static let day = 24 * hour
    // Limit: of fingerprints in a sentence, and of findings about records.
    private static let namedMax = 8

    private let settings: DoctorSettings
    private let snapshot: SubscriptionsSnapshot
    private let now: Int64
    private var found = Findings(.tokens, texts)

    /// `heldByEdge` are the tokens of handshakes that the edge on this machine holds in its memory.
    static func findings(
        _ reading: SnapshotReading,
        _ settings: DoctorSettings,
        heldByEdge: [Fingerprint] = [],
        now: Int64
    ) -> [Finding] {
        var check = TokensCheck(settings: settings, snapshot: reading.snapshot ?? SubscriptionsSnapshot(), now: now)
        if settings.keys.isEmpty {
            // Without a sealing key the topic is not read, whatever it contains.
            check.missingKey()
            check.presence(active: 0, pending: heldByEdge, isKnown: true)
        } else {
            switch reading {
            case .failed(let reason): check.found.append(.notRead(.tokens, settings.subscriptionsTopic, reason))
            case .notChecked:
                let because = "Kafka cannot be reached"
                check.found.append(.notChecked(.tokens, settings.subscriptionsTopic, because: because))
            case .missing, .read: break
            }
            check.refusals()
            check.presence(
                active: Set(check.active).subtracting(settings.tokens).count,
                pending: check.pending,
                isKnown: reading.snapshot != nil
            )
            check.rotation()
            check.unused()
        }
        if settings.isSignatureOptional { check.found.add("signature_optional") }
        return check.found.all
    }

    private var active: [Fingerprint] {
        Keyring(configured: [], snapshot: snapshot, now: now).keys.map(\.fingerprint).sorted()
    }

    private var pending: [Fingerprint] {
        snapshot.handshakes.filter { fingerprint, entry in
            !entry.content.isExpired(at: now) && snapshot.subscriptions[fingerprint] == nil
        }
        .keys.sorted()
    }

    private static func list(_ fingerprints: [Fingerprint]) -> String {
        let rest = fingerprints.count - namedMax
        return fingerprints.prefix(namedMax).map(\.text).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private mutating func presence(active: Int, pending: [Fingerprint], isKnown: Bool) {
        let count = settings.tokens.count + active
        if count > 0 {
            found.add("token_active", ["tokens": Words.count(count, "token")])
        } else if pending.isEmpty, isKnown {
            found.add(settings.isEnrolmentOpen ? "no_token/open" : "no_token/closed")
        }
        guard let first = pending.first else { return }
        found.add(
            settings.keys.isEmpty ? "handshake_pending/memory" : "handshake_pending/sealed",
            [
                "tokens": Words.count(pending.count, "token"), "list": Self.list(pending), "token": first,
                "effect": count == 0
                    ? "No token is active, so all events are answered 401 until one is."
                    : "The subscription is verified in Notion but not activated here, or the other way round; until "
                        + "both are done its events do not arrive, or are answered 401.",
            ]
        )
    }

    private mutating func missingKey() {
        let records = snapshot.subscriptions.count + snapshot.handshakes.count + snapshot.uses.count
        if records > 0 { found.add("no_sealing_key", about: settings.subscriptionsTopic) }
    }

    private mutating func refusals() {
        for (key, refusal) in snapshot.refusals.sorted(by: { $0.key.text < $1.key.text }).prefix(Self.namedMax) {
            // No event is lost by a handshake or a use that cannot be read.
            var level = Finding.Level.warning
            if case .subscription = key { level = .error }
            let topic = settings.subscriptionsTopic
            switch refusal {
            case .sealed(.otherKey(let id, let given)):
                let values = ["key": id, "given": given.joined(separator: ", ")]
                found.add("sealed_other_key", level: level, about: key.text, values)
            case .sealed(.tampered), .sealed(.otherToken):
                found.add(
                    "sealed_tampered",
                    level: level,
                    about: key.text,
                    ["reason": refusal.description, "topic": topic]
                )
            default:
                let values = ["reason": refusal.description, "topic": topic]
                found.add("subscription_record_malformed", about: key.text, values)
            }
        }
    }

    private mutating func rotation() {
        for (fingerprint, entry) in snapshot.subscriptions.sorted(by: { $0.key < $1.key }) {
            guard case .success = entry.token, let retires = entry.content.retiresAt else { continue }
            let lastUse = snapshot.uses[fingerprint]?.lastAt
            let row =
                if settings.tokens.contains(fingerprint) {
                    "token_held_by_settings"
                } else if now >= retires {
                    isMissed(fingerprint, since: retires) ? "token_retired_in_use" : "token_retired"
                } else if retires - now < 7 * Self.day, let lastUse, now - lastUse < Self.day {
                    "token_retires_in_use"
                } else {
                    "token_retires"
                }
            let values: [String: any CustomStringConvertible] = [
                "token": fingerprint, "time": Words.time(retires, now: now),
                "used": lastUse.map { "last used \(Words.time($0, now: now))" } ?? "never used",
            ]
            found.add(row, about: fingerprint.text, values)
        }
    }

    /// Whether a token was used until it retired, and no other token of its subscription was used since.
    private func isMissed(_ fingerprint: Fingerprint, since retired: Int64) -> Bool {
        guard let use = snapshot.uses[fingerprint], use.lastAt > retired - Self.hour else { return false }
        return !snapshot.uses.contains { other, its in
            other != fingerprint && its.subscriptionID == use.subscriptionID && its.lastAt > retired - Self.hour
        }
    }

    private mutating func unused() {
        let unused = active.filter { snapshot.uses[$0] == nil }
        if !unused.isEmpty { found.add("token_unused", ["list": Self.list(unused)]) }
    }

    static let texts = CheckTexts(
        """
        token_active ok
          {tokens} active
        no_token/open error verify
          no verification token is active or pending
          No delivery can be verified, so all are answered 401. No handshake is stored either: the subscription was \
        not created, or its URL does not lead here.
          Create the subscription in Notion's Webhooks tab, or press Resend token there; then run doctor again.
        no_token/closed error verify
          no verification token is active or pending
          No delivery can be verified, so all are answered 401. No handshake is stored either: the subscription was \
        not created, or its URL does not lead here.
          Open enrolment (--enrolment open), press Resend token in Notion's Webhooks tab, then run doctor again.
        handshake_pending/memory warning verify
          a handshake came, {tokens} pending activation: {list}
          {effect}
          If you expect it: read it once with POST /enrolment/reveal on the operations port, paste it in Notion and \
        give it to all replicas as NOTION_RELAY_VERIFICATION_TOKENS. With a sealing key, notion-relay subscription \
        activate does this. Anybody can post a handshake: ignore one that nobody expects.
        handshake_pending/sealed warning verify
          a handshake came, {tokens} pending activation: {list}
          {effect}
          If you expect it: notion-relay subscription activate {token}, then paste it in Notion's Webhooks tab; \
        subscription pending --reveal shows it. Anybody can post a handshake: ignore one that nobody expects.
        no_sealing_key warning
          there are sealed tokens, and no sealing key is given
          With these settings they are not used. If the edge has the same settings, their events are answered 401.
          Give the replicas and doctor the key: NOTION_RELAY_SEALING_KEY_FILE.
        sealed_other_key error
          is sealed with the key {key}, and the given key is {given}
          The token cannot be opened, so replicas with the given key answer its events 401.
          Give the key {key} too, after the new one, while keys are replaced; or activate the token again.
        sealed_tampered error
          {reason}
          Somebody who can write to the topic changed or copied the record, so it is not used. Replicas that read the \
        record before it still use that one; all others have none.
          Find out who may write to {topic}, then activate the token again.
        subscription_record_malformed warning
          {reason}
          The record is ignored, by the edge too.
          Find out what else writes to {topic}.
        token_held_by_settings ok
          retires in the topic, and stays active by the settings
        token_retires ok
          retires {time}, {used}
        token_retired ok
          retired {time}, {used}
        token_retires_in_use warning
          retires {time}, and is in use: {used}
          From then on deliveries signed with it are answered 401.
          Check in the Webhooks tab that the subscription was created again, and that its new token is active here; \
        otherwise move the date: notion-relay subscription retire {token} --at TIME.
        token_retired_in_use warning
          retired {time}, was used until then, and no other token replaced it
          Notion may still sign with it: then all events of this subscription have been answered 401 since.
          Activate it again with notion-relay subscription activate {token}, then replace the token in Notion.
        token_unused unknown troubleshooting
          no event has been verified yet with {list}
          Either nothing has happened in Notion since, or the token was not pasted there (the subscription is pending \
        verification), or the subscription was deleted.
          Look at the subscription in Notion's Webhooks tab, then edit a page and wait two minutes.
        signature_optional warning signature
          --signature is optional
          Anybody who knows the URL can publish events to the topic; they carry ce_verified: false.
          Set --signature required as soon as a token is active.
        """
    )
}
