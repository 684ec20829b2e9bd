import Operations
import SubscriptionAdministration
import Subscriptions
import Timestamps

/// `subscription pending`: the tokens that wait for an operator, or for their first event.
struct PendingCommand {
    let context: CommandContext

    /// Fails when tokens were to be revealed and one of them could not be.
    func run() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let isRevealing = context.settings[\.subscription.reveal]
        if isRevealing { try access.requireKeys(to: "reveal tokens") }
        let listing = HandshakeListing(
            try await access.read(),
            now: Timestamp.now(),
            revealing: isRevealing,
            hasKeys: access.hasKeys
        )
        let isJSON = context.settings[\.subscription.format] == .json
        if isJSON {
            StandardStreams.data(listing.json)
        } else if !listing.rows.isEmpty {
            for line in listing.lines { StandardStreams.data(line) }
        }
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
}
