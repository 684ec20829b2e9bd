/// A topic as `topics.json` wants it.
struct WantedTopic: Codable, Equatable {
    var name: String
    var partitions: Int
    /// -1: as the brokers have it by default.
    var replicationFactor: Int
    var config: [String: String]

    enum CodingKeys: String, CodingKey {
        case name
        case partitions
        case replicationFactor = "replication_factor"
        case config
    }
}

/// A topic as the cluster has it.
struct FoundTopic: Equatable {
    var partitions: Int
    var replicationFactor: Int
    var config: [String: String]
}

/// What stands between the topics that are wanted and those that are there. Pure: `topics plan` prints it and `topics
/// apply` carries out its creations; nothing that exists is ever changed, because more partitions would move keys.
struct TopicPlan: Equatable {
    enum Step: Equatable {
        case create(WantedTopic)
        case keep(String)
        case differs(String, [String])
    }

    let steps: [Step]

    init(wanted: [WantedTopic], found: [String: FoundTopic]) {
        steps = wanted.map { topic in
            guard let there = found[topic.name] else { return .create(topic) }
            let differences = Self.differences(topic, there)
            return differences.isEmpty ? .keep(topic.name) : .differs(topic.name, differences)
        }
    }

    private static func differences(_ wanted: WantedTopic, _ found: FoundTopic) -> [String] {
        var differences: [String] = []
        if wanted.partitions != found.partitions {
            differences.append("partitions are \(found.partitions), wanted \(wanted.partitions)")
        }
        if wanted.replicationFactor > 0, wanted.replicationFactor != found.replicationFactor {
            differences.append("replication factor is \(found.replicationFactor), wanted \(wanted.replicationFactor)")
        }
        for (name, value) in wanted.config.sorted(by: { $0.key < $1.key }) {
            guard let there = found.config[name], there != value else { continue }
            differences.append("\(name) is \(there), wanted \(value)")
        }
        return differences
    }

    /// One line a step.
    var lines: [String] {
        steps.map { step in
            switch step {
            case .create(let topic):
                "create   \(topic.name)  partitions=\(topic.partitions) replication_factor="
                    + (topic.replicationFactor < 0 ? "broker default" : String(topic.replicationFactor))
            case .keep(let name): "ok       \(name)"
            case .differs(let name, let differences): "differs  \(name)  \(differences.joined(separator: "; "))"
            }
        }
    }

    var creations: [WantedTopic] {
        steps.compactMap { step in
            guard case .create(let topic) = step else { return nil }
            return topic
        }
    }

    var hasDifferences: Bool {
        steps.contains { step in
            guard case .differs = step else { return false }
            return true
        }
    }
}
