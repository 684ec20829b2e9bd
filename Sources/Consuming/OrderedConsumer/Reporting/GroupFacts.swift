package import Kafka

/// Everything that a report of a group is made of.
package struct GroupFacts: Sendable {
    package let topics: GroupTopics
    package let description: GroupDescription
    /// The partitions of the topic, in order.
    package let partitions: [PartitionFacts]
    /// Nil if there is no state topic.
    package let state: StateSnapshot?
    /// Nil if there is no dead-letter topic.
    package let deadLetters: DeadLetterTally?
    /// Whether both topics were read to their ends, and not only up to a limit.
    package let isComplete: Bool

    package init(
        topics: GroupTopics,
        description: GroupDescription,
        partitions: [PartitionFacts],
        state: StateSnapshot?,
        deadLetters: DeadLetterTally?,
        isComplete: Bool = true
    ) {
        self.topics = topics
        self.description = description
        self.partitions = partitions
        self.state = state
        self.deadLetters = deadLetters
        self.isComplete = isComplete
    }
}
