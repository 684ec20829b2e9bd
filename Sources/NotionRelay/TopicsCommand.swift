import Foundation
import Kafka
import Operations
import OrderedConsumer
import Subscriptions

/// `topics plan` and `topics apply`.
struct TopicsCommand {
    private struct TopicsFile: Decodable {
        let topics: [WantedTopic]
    }

    // Limit: a list of topics is a few kilobytes.
    private static let fileBytesMax = 1024 * 1024

    /// The brokers' own default is 1 MiB, less than the record of the longest body (`body_bytes_max`) may have.
    private static let standardConfig = ["max.message.bytes": "2097152"]

    let context: CommandContext

    /// Prints the plan. Fails when a topic that exists is not as it is wanted, so that a pipeline sees the drift.
    func plan() async throws -> ExitStatus {
        let admin = try Admin(context.client)
        defer { admin.close() }
        let plan = try await plan(with: admin)
        for line in plan.lines { StandardStreams.data(line) }
        return plan.hasDifferences ? .failure : .success
    }

    /// Creates what is missing. What exists is left as it is, and named when it differs.
    func apply() async throws -> ExitStatus {
        let admin = try Admin(context.client)
        defer { admin.close() }
        let plan = try await plan(with: admin)
        for line in plan.lines where !line.hasPrefix("create") { StandardStreams.data(line) }
        let wanted = plan.creations.map {
            NewTopic($0.name, partitions: $0.partitions, replicationFactor: $0.replicationFactor, config: $0.config)
        }
        guard !wanted.isEmpty else { return plan.hasDifferences ? .failure : .success }
        var failed = plan.hasDifferences
        for result in try await admin.createTopics(wanted) {
            switch result.error {
            case nil: StandardStreams.data("created  \(result.name)")
            case let error? where error.isTopicAlreadyExists: StandardStreams.data("ok       \(result.name)")
            case let error?:
                failed = true
                StandardStreams.notice("topics apply: \(result.name): \(error.message)")
            }
        }
        return failed ? .failure : .success
    }

    private func plan(with admin: Admin) async throws -> TopicPlan {
        let wanted = try wanted()
        let found = try await admin.describeTopics(wanted.map(\.name)).mapValues { topic in
            FoundTopic(
                partitions: topic.partitionCount,
                replicationFactor: topic.replicationFactor,
                config: topic.config.compactMapValues(\.value)
            )
        }
        return TopicPlan(wanted: wanted, found: found)
    }

    /// The topics of --file, or the edge's topics with --partitions.
    private func wanted() throws -> [WantedTopic] {
        let factor = context.settings.int(ifSet: .replicationFactor)
        guard let path = context.settings.string(ifSet: .topicsFile) else {
            return try standard(replicationFactor: factor ?? -1)
        }
        var topics = try read(path)
        if let factor {
            for index in topics.indices { topics[index].replicationFactor = factor }
        }
        return topics
    }

    /// The edge's topics, and those of a consumer group if one is named.
    private func standard(replicationFactor: Int) throws -> [WantedTopic] {
        guard let group = context.settings.string(ifSet: .topicsGroup) else {
            return edge(replicationFactor: replicationFactor)
        }
        let topics = try GroupTopics(topic: context.settings.string(.topic), group: group)
        let new = topics.newTopics(
            partitions: context.settings.int(.partitions),
            replicationFactor: replicationFactor
        )
        return edge(replicationFactor: replicationFactor)
            + new.map {
                WantedTopic(
                    name: $0.name,
                    partitions: $0.partitions,
                    replicationFactor: $0.replicationFactor,
                    config: $0.config
                )
            }
    }

    private func edge(replicationFactor: Int) -> [WantedTopic] {
        [
            WantedTopic(
                name: context.settings.string(.topic),
                partitions: context.settings.int(.partitions),
                replicationFactor: replicationFactor,
                config: Self.standardConfig
            ),
            WantedTopic(
                name: context.settings.string(.deadLetterTopic),
                partitions: 1,
                replicationFactor: replicationFactor,
                config: Self.standardConfig
            ),
            WantedTopic(
                name: context.settings.string(.subscriptionsTopic),
                partitions: 1,
                replicationFactor: replicationFactor,
                config: SubscriptionsTopic.config
            ),
        ]
    }

    private func read(_ path: String) throws -> [WantedTopic] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("--file \(path): cannot be read")
        }
        guard bytes.count <= Self.fileBytesMax else {
            throw CommandFailure("--file \(path): is larger than \(Self.fileBytesMax) bytes")
        }
        do {
            return try JSONDecoder().decode(TopicsFile.self, from: bytes).topics
        } catch {
            throw CommandFailure(
                #"--file \#(path): is not {"topics":[{"name":…,"partitions":…,"replication_factor":…,"config":{…}}]}"#
            )
        }
    }
}
