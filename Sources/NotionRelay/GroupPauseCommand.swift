import Kafka
import Operations
import OrderedConsumer
import Timestamps

/// `groups pause` and `groups resume`: what a group's members follow stands in its state topic.
struct GroupPauseCommand {
    let context: CommandContext

    func pause() async throws -> ExitStatus {
        try await write(.paused(Pause(sinceMilliseconds: Timestamp.now(), by: "notion-relay groups pause")), "pauses")
    }

    func resume() async throws -> ExitStatus {
        try await write(.gone(.paused), "goes on")
    }

    private func write(_ entry: StateEntry, _ what: String) async throws -> ExitStatus {
        let settings = context.settings
        let topics = try GroupTopics(topic: settings.string(.topic), group: settings.string(.group))
        let producer = try Producer(ProducerSettings(client: context.client), delivery: .awaited { _ in })
        defer { producer.close() }
        do throws(KafkaError) {
            _ = try await producer.send(entry.record(to: topics.state))
        } catch {
            guard error.isUnknownTopic else { throw error }
            throw CommandFailure(
                "there is no topic \(topics.state): has the group \(topics.group) ever run on \(topics.topic)?"
            )
        }
        StandardStreams.notice("notion-relay: the group \(topics.group) \(what)")
        return .success
    }
}
