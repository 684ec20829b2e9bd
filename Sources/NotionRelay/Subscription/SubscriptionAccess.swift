import Kafka
import Operations
import Subscriptions

/// The subscriptions topic as the settings name it, with errors that say how to fix them.
struct SubscriptionAccess {
    private let topic: SubscriptionsTopic

    /// Whether a sealing key was given.
    let hasKeys: Bool

    init(_ context: CommandContext) throws {
        let keys = try context.settings.sealingKeys()
        hasKeys = !keys.isEmpty
        topic = SubscriptionsTopic(
            context.client,
            topic: context.settings[\.edge.subscriptionsTopic],
            keys: keys
        )
    }

    /// Refuses to continue without a sealing key.
    func requireKeys(to act: String) throws(UsageError) {
        guard !hasKeys else { return }
        throw UsageError(
            "the sealing key is needed to \(act): set NOTION_RELAY_SEALING_KEY, or name its file with "
                + "--sealing-key-file"
        )
    }

    func read() async throws -> SubscriptionsSnapshot {
        do {
            return try await topic.read()
        } catch let error as KafkaError where error.isUnknownTopic {
            throw missing
        }
    }

    /// Nil if there is no such topic.
    func readIfThere() async throws -> SubscriptionsSnapshot? {
        do {
            return try await topic.read()
        } catch let error as KafkaError where error.isUnknownTopic {
            StandardStreams.notice("notion-relay: \(missing)")
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

    private var missing: CommandFailure {
        CommandFailure("there is no topic \(topic.topic); notion-relay topics apply creates it")
    }
}
