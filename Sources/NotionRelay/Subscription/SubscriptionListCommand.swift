import Kafka
import Operations
import OrderedConsumer
import SubscriptionAdministration
import Subscriptions
import Timestamps

/// `subscription list`: tokens from the subscriptions topic, traffic from the topic of the events.
struct SubscriptionListCommand {
    // Limit: read in some seconds, and some tens of megabytes of times and delays.
    private static let recordsMax = 1_000_000

    let context: CommandContext

    /// Fails when neither topic exists.
    func run() async throws -> ExitStatus {
        let access = try SubscriptionAccess(context)
        let snapshot = try await access.readIfThere()
        let traffic = try await traffic()
        let listing = SubscriptionListing(snapshot, traffic, now: Timestamp.now(), hasKeys: access.hasKeys)
        if context.settings[\.subscription.format] == .json {
            StandardStreams.data(listing.json)
        } else if !listing.rows.isEmpty {
            for line in listing.lines { StandardStreams.data(line) }
        }
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
                "notion-relay: there is no topic \(topic), so traffic is unknown; is --topic right?"
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
}
