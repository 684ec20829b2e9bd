import Kafka
import NotionWebhooks
import Operations
import OrderedConsumer
import SubscriptionAdministration
import Subscriptions
import Timestamps

struct SubscriptionCommand {
    // Limit: read in some seconds, and some tens of megabytes of times and delays.
    private static let recordsMax = 1_000_000

    let context: CommandContext

    /// A new sealing key, alone on stdout, so that it can be redirected into a file.
    static func keygen() throws(OutputFailure) -> ExitStatus {
        let key = SealingKey.generate()
        // Nothing is said about a key that is lost.
        try StandardStreams.stream(bytes: Array((key.revealed() + "\n").utf8))
        StandardStreams.notice(
            "notion-relay: sealing key \(key.id): give it to all replicas and to operators as "
                + "NOTION_RELAY_SEALING_KEY, or in the file that NOTION_RELAY_SEALING_KEY_FILE names"
        )
        StandardStreams.notice("notion-relay: anyone who has it can read all tokens; it is stored nowhere else")
        return .success
    }

    /// Fails when tokens were to be revealed and one of them could not be.
    func pending() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let isRevealing = context.settings[\.subscription.reveal]
        if isRevealing { try access.requireKeys(to: "reveal tokens") }
        let listing = HandshakeListing(
            try await access.read(),
            now: Timestamp.now(),
            revealing: isRevealing,
            hasKeys: access.hasKeys
        )
        show(listing.json, listing.rows.isEmpty ? [] : listing.lines)
        for refusal in listing.refusals { StandardStreams.notice("notion-relay: \(refusal)") }
        if listing.expired > 0 {
            StandardStreams.notice("notion-relay: \(listing.expired) more expired; press Resend token in Notion")
        }
        StandardStreams.notice("notion-relay: \(nextStep(listing, isRevealing))")
        return isRevealing && (listing.problems > 0 || !listing.refusals.isEmpty) ? .failure : .success
    }

    private func nextStep(_ listing: HandshakeListing, _ isRevealing: Bool) -> String {
        guard let newest = listing.rows.first else {
            return "no token is pending; create a subscription in Notion's Webhooks tab, or press Resend token there"
        }
        guard newest.state == .pending else {
            return "\(newest.fingerprint) verifies and waits for its first event: is the token pasted in Notion?"
        }
        let activate = "notion-relay subscription activate \(newest.fingerprint)"
        return isRevealing
            ? "paste the token in Notion, run \(activate), then press Verify"
            : "read the token with --reveal, paste it in Notion, run \(activate), then press Verify"
    }

    /// Fails when neither topic exists.
    func list() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let snapshot = try await access.readIfThere()
        if snapshot == nil { StandardStreams.notice("notion-relay: \(access.missing)") }
        let traffic = try await traffic()
        let listing = SubscriptionListing(snapshot, traffic, now: Timestamp.now(), hasKeys: access.hasKeys)
        show(listing.json, listing.rows.isEmpty ? [] : listing.lines)
        for notice in notices(listing, snapshot, access) { StandardStreams.notice("notion-relay: \(notice)") }
        return snapshot == nil && traffic == nil ? .failure : .success
    }

    /// Nil if the topic of the events does not exist.
    private func traffic() async throws -> TrafficReport? {
        let since = Timestamp.now() - Int64(context.settings[\.subscription.since].wholeMilliseconds)
        let status = StatusLine()
        defer { status.clear() }
        do {
            return try await TrafficReader(client: context.client, topic: context.settings[\.topic]).read(
                since: since,
                recordsMax: Self.recordsMax
            ) { progress in
                status.show { ["\(progress.topic): read \(progress.records) of \(progress.recordsMax) events"] }
            }
        } catch TopicReaderError.noTopic(let topic) {
            StandardStreams.notice(
                "notion-relay: there is no topic \(topic), or this user may not Read it, so traffic is unknown; is "
                    + "--topic right?"
            )
            return nil
        }
    }

    private func notices(
        _ listing: SubscriptionListing,
        _ snapshot: SubscriptionsSnapshot?,
        _ access: SubscriptionAccess
    ) -> [String] {
        var notices: [String] = []
        if listing.rows.isEmpty { notices.append("there is no token in the topic, and no event since then") }
        if let snapshot, !snapshot.subscriptions.isEmpty, !access.hasKeys {
            notices.append("without the sealing key records are not authenticated; with it, tampered ones are shown")
        }
        if let unknown = snapshot?.unknownKeys, unknown > 0 {
            notices.append("\(unknown) records of the subscriptions topic have unknown keys")
        }
        if let from = listing.from, !listing.isComplete {
            notices.append(
                "there are more than \(Self.recordsMax) events since \(from), and only the newest are counted"
            )
        }
        for row in listing.rows where row.quiet == .yes && row.state != .retired {
            let id = row.subscriptionID ?? row.fingerprint ?? "-"
            notices.append("\(id) has been silent for longer than usual: has Notion paused it? See its Webhooks tab")
        }
        return notices
    }

    private func show(_ json: @autoclosure () -> String, _ lines: @autoclosure () -> [String]) {
        StandardStreams.show(isJSON: context.settings[\.subscription.format] == .json, json(), lines())
    }

    func activate() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let name = try name()
        try access.requireKeys(to: "activate a token")
        let fingerprint = try fingerprint()
        let snapshot = try await access.read()
        let plan = try SubscriptionPlan.activating(fingerprint, named: name, in: snapshot, at: Timestamp.now())
        let status = try await carryOut([plan], access, snapshot)
        if status == .success, !plan.writes.isEmpty {
            StandardStreams.notice(
                "notion-relay: replicas accept what it signs within seconds; press Verify in Notion if you have not "
                    + "yet (until its first event subscription pending --reveal shows the token)"
            )
        }
        return status
    }

    func retire() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let fingerprint = try fingerprint()
        let snapshot = try await access.read()
        let time = context.settings[\.subscription.retireAt]
        let plan: SubscriptionPlan
        do throws(SubscriptionPlanError) {
            plan = try SubscriptionPlan.retiring(fingerprint, at: time, in: snapshot, now: Timestamp.now())
        } catch {
            guard case .past = error else { throw error }
            throw UsageError(error.description)
        }
        return try await carryOut([plan], access, snapshot)
    }

    func importTokens() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let name = try name()
        try access.requireKeys(to: "seal tokens")
        let tokens = try context.settings.verificationTokens()
        guard !tokens.isEmpty else {
            throw UsageError(
                "there is no token to import: set NOTION_RELAY_VERIFICATION_TOKENS, or name a file with "
                    + "--verification-tokens-file"
            )
        }
        context.warnOfTokens()
        let snapshot = try await access.read()
        let plans = SubscriptionPlan.importing(tokens, named: name, in: snapshot, at: Timestamp.now())
        let status = try await carryOut(plans, access, snapshot)
        StandardStreams.notice(
            "notion-relay: remove the tokens from the replicas' settings now: tokens there verify even when retired"
        )
        return status
    }

    /// Reads again, since another operator may have written. Fails when the topic does not hold what was written.
    private func carryOut(
        _ plans: [SubscriptionPlan],
        _ access: SubscriptionAccess,
        _ snapshot: SubscriptionsSnapshot
    ) async throws -> ExitStatus {
        for note in plans.flatMap(\.notes) { StandardStreams.notice("notion-relay: \(note)") }
        let writes = plans.flatMap(\.writes)
        var found = snapshot
        if !writes.isEmpty {
            try await access.write(writes)
            found = try await access.read()
        }
        var status = ExitStatus.success
        for plan in plans {
            let isDone = plan.isCarriedOut(in: found)
            let isGone = isDone && plan.wanted == nil
            let words = isGone ? "\(plan.fingerprint) is discarded" : found.words(plan.fingerprint, at: Timestamp.now())
            StandardStreams.data(words)
            guard !isDone else { continue }
            status = .failure
            StandardStreams.notice(
                "notion-relay: somebody else changed \(plan.fingerprint) at the same time, and that change stands; "
                    + "run the command again to override it"
            )
        }
        return status
    }

    private func fingerprint() throws -> Fingerprint {
        guard let fingerprint = Fingerprint(context.settings[\.subscription.fingerprint]) else {
            throw UsageError("FINGERPRINT: is not \(SettingType.fingerprint.allowed)")
        }
        return fingerprint
    }

    private func name() throws(UsageError) -> SubscriptionName? {
        guard let text = context.settings[\.subscription.name] else { return nil }
        guard let name = SubscriptionName(text) else {
            throw UsageError("--name: allowed is \(SubscriptionName.allowed)")
        }
        return name
    }
}

private struct SubscriptionAccess {
    private let topic: SubscriptionsTopic
    let hasKeys: Bool

    init(_ context: CommandContext) throws {
        let keys = try context.settings.sealingKeys()
        hasKeys = !keys.isEmpty
        topic = SubscriptionsTopic(context.client, topic: context.settings[\.edge.subscriptionsTopic], keys: keys)
    }

    func requireKeys(to act: String) throws(UsageError) {
        guard !hasKeys else { return }
        throw UsageError(
            "the sealing key is needed to \(act): set NOTION_RELAY_SEALING_KEY, or name its file with "
                + "--sealing-key-file"
        )
    }

    func read() async throws -> SubscriptionsSnapshot {
        guard let snapshot = try await readIfThere() else { throw missing }
        return snapshot
    }

    /// Nil if there is no such topic.
    func readIfThere() async throws -> SubscriptionsSnapshot? {
        do {
            return try await topic.read()
        } catch let error as KafkaError where error.isUnknownTopic {
            return nil
        }
    }

    func write(_ records: [SubscriptionRecord]) async throws {
        do throws(KafkaError) {
            try await topic.write(records)
        } catch {
            throw error.isUnknownTopic ? missing : error
        }
    }

    var missing: CommandFailure {
        CommandFailure("there is no topic \(topic.topic); notion-relay topics apply creates it")
    }
}
