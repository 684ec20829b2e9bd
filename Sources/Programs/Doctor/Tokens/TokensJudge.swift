import Subscriptions

/// Says what is wrong with the tokens that verify deliveries. Tokens are named by their fingerprints.
struct TokensJudge {
    private static let day: Int64 = 86_400_000
    // Limit: of fingerprints in a sentence, and of findings about records.
    private static let namedMax = 8

    let settings: DoctorSettings
    let reading: SnapshotReading
    /// Fingerprints that the edge on this machine holds in its memory.
    let heldByEdge: [Fingerprint]
    let now: Int64
    private var found: [Finding] = []

    static func findings(
        _ reading: SnapshotReading,
        _ settings: DoctorSettings,
        heldByEdge: [Fingerprint] = [],
        now: Int64
    ) -> [Finding] {
        var judge = TokensJudge(settings: settings, reading: reading, heldByEdge: heldByEdge, now: now)
        judge.judge()
        return judge.found
    }

    private init(settings: DoctorSettings, reading: SnapshotReading, heldByEdge: [Fingerprint], now: Int64) {
        self.settings = settings
        self.reading = reading
        self.heldByEdge = heldByEdge
        self.now = now
    }

    private mutating func judge() {
        let snapshot = reading.snapshot ?? SubscriptionsSnapshot()
        switch reading {
        case .failed(let reason) where !settings.keys.isEmpty:
            found.append(.notRead(.tokens, settings.subscriptionsTopic, reason))
        case .notChecked where !settings.keys.isEmpty:
            found.append(.notChecked(.tokens, settings.subscriptionsTopic, because: "Kafka is not reachable"))
        default: break
        }
        // Without a sealing key the topic is not followed, whatever is in it.
        if settings.keys.isEmpty {
            noKey(snapshot)
            presence(active: 0, waiting: heldByEdge, isKnown: true)
        } else {
            sealed(snapshot)
            presence(
                active: Set(Self.active(snapshot, now)).subtracting(settings.tokens).count,
                waiting: Self.waiting(snapshot, now),
                isKnown: reading.snapshot != nil
            )
            rotation(snapshot)
            unused(snapshot)
        }
        if settings.isSignatureOptional { signatureOptional() }
    }

    private mutating func add(
        _ check: String,
        _ level: Finding.Level,
        _ subject: String,
        _ title: String,
        meaning: String = "",
        advice: String = "",
        link: GuideLink? = nil
    ) {
        found.append(Finding(.tokens, check, level, subject, title, meaning: meaning, advice: advice, link: link))
    }

    /// What a replica without tokens of its own would verify with.
    private static func active(_ snapshot: SubscriptionsSnapshot, _ now: Int64) -> [Fingerprint] {
        Keyring(configured: [], snapshot: snapshot, now: now).keys.map(\.fingerprint).sorted()
    }

    private static func waiting(_ snapshot: SubscriptionsSnapshot, _ now: Int64) -> [Fingerprint] {
        snapshot.handshakes.filter { fingerprint, entry in
            !entry.content.isExpired(at: now) && snapshot.subscriptions[fingerprint] == nil
        }
        .keys.sorted()
    }

    private static func list(_ fingerprints: [Fingerprint]) -> String {
        let rest = fingerprints.count - namedMax
        return fingerprints.prefix(namedMax).map(\.text).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Whether anything can be verified at all. Unless `isKnown`, there may be more tokens in the topic.
    private mutating func presence(active: Int, waiting: [Fingerprint], isKnown: Bool) {
        let count = settings.tokens.count + active
        if count > 0 {
            add("token_active", .ok, "", "\(Words.count(count, "token")) active")
        } else if waiting.isEmpty, isKnown {
            add(
                "no_token",
                .error,
                "",
                "no verification token is active, and none waits",
                meaning: "Nothing that Notion sends can be verified, so all of it is answered 401. No handshake came "
                    + "that is still kept: the subscription was not created, or its URL does not lead here.",
                advice: settings.isEnrolmentOpen
                    ? "Create the subscription in Notion's Webhooks tab, or press Resend token there; then look again."
                    : "Open enrolment (--enrolment open), press Resend token in the Webhooks tab, then look again.",
                link: .verify
            )
        }
        guard let first = waiting.first else { return }
        add(
            "handshake_pending",
            .warning,
            "",
            "\(Words.count(waiting.count, "token")) from a handshake \(waiting.count == 1 ? "waits" : "wait"): "
                + Self.list(waiting),
            meaning: count == 0
                ? "No token is active, so all events are answered 401 until this one is."
                : "A subscription is verified in Notion but not activated here, or the other way round; until both are "
                    + "done its events do not come, or are answered 401.",
            advice: settings.keys.isEmpty
                ? "If it is yours: read it once with POST /enrolment/reveal on the operations port, paste it in Notion "
                    + "and give it to all replicas as NOTION_RELAY_VERIFICATION_TOKENS. With a sealing key it is done "
                    + "by notion-relay subscription activate."
                : "If it is yours: notion-relay subscription activate \(first), then paste it in Notion's Webhooks "
                    + "tab; subscription pending --reveal shows it. Anybody can post a handshake: leave alone what "
                    + "nobody expects.",
            link: .verify
        )
    }

    private mutating func noKey(_ snapshot: SubscriptionsSnapshot) {
        let records = snapshot.subscriptions.count + snapshot.handshakes.count + snapshot.uses.count
        guard records > 0 else { return }
        add(
            "no_sealing_key",
            .warning,
            settings.subscriptionsTopic,
            "there are sealed tokens, and no sealing key is given",
            meaning: "Whoever runs with these settings ignores them. If the edge does, their events are answered 401.",
            advice: "Give the replicas and doctor the key: NOTION_RELAY_SEALING_KEY_FILE."
        )
    }

    private mutating func sealed(_ snapshot: SubscriptionsSnapshot) {
        for (key, refusal) in snapshot.refusals.sorted(by: { $0.key.text < $1.key.text }).prefix(Self.namedMax) {
            // Nobody loses an event by a handshake or a use that cannot be read.
            var level = Finding.Level.warning
            if case .subscription = key { level = .error }
            switch refusal {
            case .sealed(.otherKey(let id, let given)):
                add(
                    "sealed_other_key",
                    level,
                    key.text,
                    "is sealed under the key \(id), and given is \(given.joined(separator: ", "))",
                    meaning: "The token cannot be opened, so its events are answered 401 by replicas with this key.",
                    advice: "Give the key \(id) behind the new one while keys are replaced, or activate the token anew."
                )
            case .sealed(.tampered), .sealed(.otherToken):
                add(
                    "sealed_tampered",
                    level,
                    key.text,
                    refusal.description,
                    meaning: "Somebody who can write to the topic changed or copied the record; it is not used. What "
                        + "was known before it counts for replicas that read that, and for nobody else.",
                    advice: "Find out who may write to \(settings.subscriptionsTopic), then activate the token anew."
                )
            default:
                add(
                    "subscription_record_malformed",
                    .warning,
                    key.text,
                    refusal.description,
                    meaning: "The record is passed over, by the edge too.",
                    advice: "Find out what else writes to \(settings.subscriptionsTopic)."
                )
            }
        }
    }

    private mutating func rotation(_ snapshot: SubscriptionsSnapshot) {
        for (fingerprint, entry) in snapshot.subscriptions.sorted(by: { $0.key < $1.key }) {
            guard case .success = entry.token, let retires = entry.content.retiresAt else { continue }
            let lastUse = snapshot.uses[fingerprint]?.lastAt
            let used = lastUse.map { "last used \(Words.time($0, now: now))" } ?? "never seen in use"
            if settings.tokens.contains(fingerprint) {
                add("token_held_by_settings", .ok, fingerprint.text, "retires in the topic; the settings hold it")
            } else if now >= retires {
                retired(fingerprint, retires, lastUse, used, snapshot)
            } else if retires - now < 7 * Self.day, let lastUse, now - lastUse < Self.day {
                add(
                    "token_retires_in_use",
                    .warning,
                    fingerprint.text,
                    "retires \(Words.time(retires, now: now)), and is \(used)",
                    meaning: "From then on what Notion signs with it is answered 401.",
                    advice: "Check in the Webhooks tab that the subscription was made anew, and that the new token is "
                        + "active here; otherwise move the date: notion-relay subscription retire \(fingerprint) "
                        + "--at TIME."
                )
            } else {
                add("token_retires", .ok, fingerprint.text, "retires \(Words.time(retires, now: now)), \(used)")
            }
        }
    }

    private mutating func retired(
        _ fingerprint: Fingerprint,
        _ retired: Int64,
        _ lastUse: Int64?,
        _ used: String,
        _ snapshot: SubscriptionsSnapshot
    ) {
        let use = snapshot.uses[fingerprint]
        let isReplaced = snapshot.uses.contains { other, its in
            other != fingerprint && its.subscriptionID == use?.subscriptionID && its.lastAt > retired - 3_600_000
        }
        guard let lastUse, lastUse > retired - 3_600_000, !isReplaced else {
            return add("token_retired", .ok, fingerprint.text, "retired \(Words.time(retired, now: now)), \(used)")
        }
        add(
            "token_retired_in_use",
            .warning,
            fingerprint.text,
            "retired \(Words.time(retired, now: now)), was used to the end, and nothing took its place",
            meaning: "Notion may still sign with it: then all events of this subscription are answered 401 since.",
            advice: "Activate it again with notion-relay subscription activate \(fingerprint), then rotate in Notion."
        )
    }

    private mutating func unused(_ snapshot: SubscriptionsSnapshot) {
        let unused = Self.active(snapshot, now).filter { snapshot.uses[$0] == nil }
        guard !unused.isEmpty else { return }
        add(
            "token_unused",
            .unknown,
            "",
            "no event has been verified yet with \(Self.list(unused))",
            meaning: "Either nothing has happened in Notion since, or the token was not pasted there (the subscription "
                + "is pending verification), or the subscription was deleted.",
            advice: "Look at the subscription in Notion's Webhooks tab, then edit a page and wait two minutes.",
            link: .troubleshooting
        )
    }

    private mutating func signatureOptional() {
        add(
            "signature_optional",
            .warning,
            "",
            "--signature is optional",
            meaning: "Anybody who knows the URL can write events into the topic; they carry ce_verified: false.",
            advice: "Set --signature required as soon as a token is active.",
            link: .signature
        )
    }
}
