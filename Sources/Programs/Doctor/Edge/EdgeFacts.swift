package import Subscriptions

/// What the operations port of the edge on this machine says.
package enum EdgeFacts: Sendable, Equatable {
    /// No address that could be asked was given.
    case notGiven
    /// Nothing answers there; why is the end of a sentence.
    case silent(String)
    /// Something else answers there.
    case foreign(status: Int)
    case answered(Answer)

    package struct Answer: Sendable, Equatable {
        package var isReady: Bool
        package var reasons: [String] = []
        /// Deliveries by outcome since the edge was started; nil when there are no such metrics.
        package var deliveries: [String: Int]?
        /// Of handshakes in its memory.
        package var pending: [Fingerprint] = []

        package init(isReady: Bool) {
            self.isReady = isReady
        }
    }

    var answer: Answer? {
        guard case .answered(let answer) = self else { return nil }
        return answer
    }
}
