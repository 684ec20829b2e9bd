import Kafka
import Operations
import OrderedConsumer
import Timestamps

/// `groups`: how far consumer groups are, what is parked, and their dead letters.
struct GroupsCommand {
    let context: CommandContext

    /// Fails when the group that was asked for does not exist.
    func run() async throws -> ExitStatus {
        let reports = try await reports()
        let isJSON = context.settings[\.groups.format] == .json
        StandardStreams.show(
            isJSON: isJSON,
            "[\(reports.map(\.json).joined(separator: ","))]",
            Array(reports.map { $0.lines() }.joined(separator: [""]))
        )
        if reports.isEmpty, !isJSON {
            StandardStreams.notice("notion-relay: no group that this user may Describe has offsets in this topic")
        }
        return .success
    }

    private func reports() async throws -> [GroupReport] {
        let topic = context.settings[\.topic]
        var reports: [GroupReport] = []
        for group in try await groups(of: topic) {
            let reader = GroupReportReader(try GroupTopics(topic: topic, group: group), client: context.client)
            let facts = try await reader.read { progress in
                // A dead-letter topic is short unless something is very wrong, so a line per 100,000 records is enough.
                guard progress.records % 100_000 == 0, progress.records > 0 else { return }
                StandardStreams.notice(
                    "notion-relay: \(progress.topic): read \(progress.records) of at most \(progress.recordsMax)"
                )
            }
            reports.append(GroupReport(facts, now: Timestamp.now()))
        }
        return reports
    }

    private func groups(of topic: String) async throws -> [String] {
        let admin = try Admin(context.client)
        defer { admin.close() }
        if let group = context.settings[\.groups.group] {
            let isThere = try await admin.describeGroup(group).state != .dead
            if isThere { return [group] }
            throw CommandFailure("there is no consumer group \(group); notion-relay groups without --group lists them")
        }
        guard try await admin.describeTopics([topic], includingConfig: false)[topic] != nil else {
            throw TopicReaderError.noTopic(topic)
        }
        var found: [String] = []
        for listing in try await admin.listGroups() where (try? GroupTopics(topic: topic, group: listing.id)) != nil {
            if try await !admin.committedOffsets(group: listing.id, topic: topic).isEmpty { found.append(listing.id) }
        }
        return found
    }
}

/// `groups pause` and `groups resume`: writes to the group's state topic, which its members follow.
struct GroupPauseCommand {
    let context: CommandContext

    func pause() async throws -> ExitStatus {
        try await write(.paused(Pause(sinceMilliseconds: Timestamp.now(), by: "notion-relay groups pause")), "pauses")
    }

    func resume() async throws -> ExitStatus { try await write(.gone(.paused), "goes on") }

    private func write(_ entry: StateEntry, _ what: String) async throws -> ExitStatus {
        let settings = context.settings
        let topics = try GroupTopics(topic: settings[\.topic], group: settings[\.consumer.group])
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
