import Foundation
import Kafka
import Operations
import OrderedConsumer
import Subscriptions

struct TopicsCommand {
    private struct TopicsFile: Decodable {
        struct Topic: Decodable {
            let name: String
            let partitions: Int
            let replicationFactor: Int
            let config: [String: String]
        }

        let topics: [Topic]
    }

    // Limit: a list of topics is a few kilobytes.
    private static let fileBytesMax = 1024 * 1024

    /// The brokers' own default is 1 MiB, less than the record of the longest body (`body_bytes_max`) may have.
    private static let standardConfig = ["max.message.bytes": "2097152"]

    let context: CommandContext

    /// Prints the plan. Fails when an existing topic differs from what is wanted, so that a pipeline sees the drift.
    func plan() async throws -> ExitStatus {
        let admin = try Admin(context.client)
        defer { admin.close() }
        let plan = try await plan(with: admin)
        for line in plan.lines { StandardStreams.data(line) }
        return plan.hasDifferences ? .failure : .success
    }

    /// Creates what is missing. Existing topics stay as they are, and are listed when they differ.
    func apply() async throws -> ExitStatus {
        let admin = try Admin(context.client)
        defer { admin.close() }
        let plan = try await plan(with: admin)
        for line in plan.lines where !line.hasPrefix("create") { StandardStreams.data(line) }
        let wanted = plan.creations
        guard !wanted.isEmpty else { return plan.hasDifferences ? .failure : .success }
        var failed = plan.hasDifferences
        for result in try await admin.createTopicsOfAnyAge(wanted) {
            switch result.error {
            case nil: StandardStreams.data("created  \(result.name)")
            case let error? where error.isTopicAlreadyExists: StandardStreams.data("ok       \(result.name)")
            case let error?:
                failed = true
                let hint = error.isAuthorization ? "; grant this user Create on topic \(result.name)" : ""
                StandardStreams.notice("topics apply: \(result.name): \(error.message)\(hint)")
            }
        }
        return failed ? .failure : .success
    }

    private func plan(with admin: Admin) async throws -> TopicPlan {
        let wanted = try await wanted(admin)
        return TopicPlan(wanted: wanted, found: try await admin.describeTopics(wanted.map(\.name)))
    }

    /// The topics of --file, or the edge's topics with --partitions, and those of a consumer group if one is named.
    private func wanted(_ admin: Admin) async throws -> [NewTopic] {
        let settings = context.settings
        let factor = settings[\.topics.replicationFactor]
        if let path = settings[\.topics.file] {
            return try read(path).map {
                NewTopic(
                    $0.name,
                    partitions: $0.partitions,
                    replicationFactor: factor ?? $0.replicationFactor,
                    config: $0.config
                )
            }
        }
        func edge(_ name: String, partitions: Int = 1, config: [String: String] = Self.standardConfig) -> NewTopic {
            NewTopic(name, partitions: partitions, replicationFactor: factor ?? -1, config: config)
        }
        let partitions = settings[\.topics.partitions]
        let topics = [
            edge(settings[\.topic], partitions: partitions), edge(settings[\.deadLetterTopic]),
            edge(settings[\.edge.subscriptionsTopic], config: SubscriptionsTopic.config),
        ]
        guard let group = settings[\.topics.group] else { return topics }
        let ofGroup = try GroupTopics(topic: settings[\.topic], group: group)
        let ofThem = ofGroup.newTopics(
            partitions: partitions,
            replicationFactor: factor ?? -1,
            valueBytesMax: await ofGroup.valueBytesMax(admin)
        )
        return topics + ofThem
    }

    private func read(_ path: String) throws -> [TopicsFile.Topic] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("--file \(path): cannot be read")
        }
        guard bytes.count <= Self.fileBytesMax else {
            throw CommandFailure("--file \(path): is larger than \(Self.fileBytesMax) bytes")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(TopicsFile.self, from: bytes).topics
        } catch {
            throw CommandFailure(
                #"--file \#(path): is not {"topics":[{"name":…,"partitions":…,"replication_factor":…,"config":{…}}]}"#
            )
        }
    }
}
