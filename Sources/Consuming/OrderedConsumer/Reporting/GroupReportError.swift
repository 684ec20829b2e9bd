package import Kafka

/// Why a group cannot be reported on.
package enum GroupReportError: Error, Sendable, Equatable {
    /// There is no such topic.
    case noTopic(String)
    /// A topic could not be read on; the last thing that Kafka said about it, if anything.
    case silent(topic: String, KafkaError?)
}

extension GroupReportError: CustomStringConvertible {
    /// A line for people.
    package var description: String {
        switch self {
        case .noTopic(let name): "there is no topic \"\(name)\": look for a slip in its name, or create it first"
        case .silent(let topic, let error):
            "\(topic) could not be read to its end: \(error?.message ?? "the brokers send nothing"); try again"
        }
    }
}
