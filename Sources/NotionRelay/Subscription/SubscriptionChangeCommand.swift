import NotionWebhooks
import Operations
import SubscriptionAdministration
import Subscriptions
import Timestamps

/// `subscription activate`, `retire` and `import`: each reads the topic, writes what `SubscriptionPlan` says, and reads
/// again, since another operator may have written at the same time.
struct SubscriptionChangeCommand {
    let context: CommandContext

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
        let snapshot = try await access.read()
        let plans = SubscriptionPlan.importing(tokens, named: name, in: snapshot, at: Timestamp.now())
        let status = try await carryOut(plans, access, snapshot)
        StandardStreams.notice(
            "notion-relay: remove the tokens from the replicas' settings now: tokens there verify even when retired"
        )
        return status
    }

    /// Fails when the topic does not hold what was written.
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
            let words = found.words(plan.fingerprint, at: Timestamp.now())
            StandardStreams.data(isGone ? "\(plan.fingerprint) is discarded" : words)
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
