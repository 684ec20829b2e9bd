import Kafka
import Operations
import OrderedConsumer

extension ResolvedSettings {
    /// Which rights this run needs in Kafka, with the names that its settings give: for a user who lacks one.
    var neededRights: String {
        let rights = KafkaRights.of(command).compactMap { right in name(of: right.resource).map(right.text) }
        return rights.joined(separator: ", ")
    }

    /// Nil for what the run has nothing to do with.
    private func name(of resource: KafkaRights.Resource) -> String? {
        switch resource {
        case .events: self[\.topic]
        case .deadLetters: self[\.deadLetterTopic]
        case .subscriptions:
            has(\.edge.sealingKeys) && self[\.edge.sealingKeys].isEmpty ? nil : self[\.edge.subscriptionsTopic]
        case .group: group
        case .groupDeadLetters: groupTopics?.deadLetters
        case .groupRedrives: groupTopics?.redrives
        case .groupState: groupTopics?.state
        case .target: self[\.replay.toTopic]
        case .checkpoints: self[\.replay.resume] == nil ? nil : self[\.replay.checkpointTopic]
        }
    }

    private var group: String? {
        if has(\.consumer.group) { return self[\.consumer.group] }
        return has(\.groups.group) ? self[\.groups.group] : has(\.topics.group) ? self[\.topics.group] : nil
    }

    private var groupTopics: GroupTopics? { group.flatMap { try? GroupTopics(topic: self[\.topic], group: $0) } }
}

extension KafkaError {
    /// The line of a command that has failed with it: what is wrong, and what to do about it.
    func text(for context: CommandContext?) -> String {
        let text = "Kafka: \(message) (\(name))"
        if isAboutSettings { return text }
        guard isAuthorization, let rights = context?.settings.neededRights, !rights.isEmpty else {
            return isAuthorization ? text : "\(text); is --kafka right?"
        }
        return "\(text); this command needs \(rights)"
    }
}
