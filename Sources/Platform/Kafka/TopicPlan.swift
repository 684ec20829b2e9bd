/// What has to be done so that the topics that are wanted exist, and where existing ones differ. Nothing that exists is
/// ever changed, because more partitions would move keys.
package struct TopicPlan: Equatable {
    package enum Step: Equatable {
        case create(NewTopic)
        case keep(String)
        case differs(String, [String])
    }

    package let steps: [Step]

    /// A replication factor of -1 is the one that the brokers have by default; `found` is by name.
    package init(wanted: [NewTopic], found: [String: TopicDescription]) {
        steps = wanted.map { topic in
            guard let there = found[topic.name] else { return .create(topic) }
            let differences = Self.differences(topic, there)
            return differences.isEmpty ? .keep(topic.name) : .differs(topic.name, differences)
        }
    }

    private static func differences(_ wanted: NewTopic, _ found: TopicDescription) -> [String] {
        var differences: [String] = []
        if wanted.partitions != found.partitionCount {
            differences.append("partitions are \(found.partitionCount), wanted \(wanted.partitions)")
        }
        if wanted.replicationFactor > 0, wanted.replicationFactor != found.replicationFactor {
            differences.append("replication factor is \(found.replicationFactor), wanted \(wanted.replicationFactor)")
        }
        for (name, value) in wanted.config.sorted(by: { $0.key < $1.key }) {
            guard let there = found.config[name]?.value, there != value else { continue }
            differences.append("\(name) is \(there), wanted \(value)")
        }
        return differences
    }

    /// One line a step.
    package var lines: [String] {
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

    package var creations: [NewTopic] {
        steps.compactMap { step in
            guard case .create(let topic) = step else { return nil }
            return topic
        }
    }

    package var hasDifferences: Bool {
        steps.contains { step in
            guard case .differs = step else { return false }
            return true
        }
    }
}
