package import OrderedConsumer

/// Why nothing can be redriven.
package enum RedriveError: Error, Sendable, Equatable {
    /// The group has no dead-letter topic or no topic for its state.
    case neverRan(GroupTopics)
}

extension RedriveError: CustomStringConvertible {
    /// A line for people.
    package var description: String {
        switch self {
        case .neverRan(let topics):
            "there is no topic \(topics.deadLetters) or \(topics.state): has the group ever run on \(topics.topic)?"
        }
    }
}
