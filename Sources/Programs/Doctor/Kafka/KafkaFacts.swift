package import Kafka

/// Whether the brokers answer, and what was met instead.
package enum KafkaFacts: Sendable, Equatable {
    case reached(brokers: Int)
    /// The options of the client are wrong; nothing was sent.
    case refusedSettings(KafkaError)
    /// What the client met, oldest first, up to the error of the request itself.
    case unreachable([KafkaError])

    var isReached: Bool {
        guard case .reached = self else { return false }
        return true
    }
}
