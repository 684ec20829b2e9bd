import Kafka
import Operations
import Synchronization

/// What one loop knows of Kafka, from the topic's metadata and librdkafka's statistics: for readiness and admission.
final class BrokerState: Sendable {
    private struct Facts {
        var topic: TopicWatch.State?
        /// The first count that was seen, over all producers of the loop.
        var partitions: Int?
        var hasProducerID: Bool?
    }

    private let topic: String
    private let condition: Health.Condition
    private let facts = Mutex(Facts())
    private let warm = Atomic<Bool>(false)

    init(topic: String, condition: Health.Condition) {
        self.topic = topic
        self.condition = condition
    }

    /// The topic's metadata has been known once: from then on records are produced and wait out short outages.
    var isWarm: Bool { warm.load(ordering: .acquiring) }

    func note(_ new: TopicWatch.State) {
        update { facts in
            switch new {
            case .unavailable: facts.topic = new
            case .ready(let partitions), .changed(_, let partitions):
                let first = facts.partitions ?? partitions
                facts.partitions = first
                facts.topic = partitions == first ? .ready(partitions: first) : .changed(from: first, to: partitions)
                warm.store(true, ordering: .releasing)
            }
        }
    }

    /// Statistics come late and seldom, so only a denial counts: without statistics a producer id is assumed.
    func note(hasProducerID: Bool) { update { $0.hasProducerID = hasProducerID } }

    private func update(_ change: (inout Facts) -> Void) {
        facts.withLock { facts in
            change(&facts)
            if let reason = reason(facts) {
                condition.hold(reason)
            } else {
                condition.meet()
            }
        }
    }

    /// Why the replica is not ready, for operators.
    private func reason(_ facts: Facts) -> String? {
        switch facts.topic {
        case nil: return Self.unknown
        case .unavailable(let error) where error.isUnknownTopic:
            return "topic \(topic) does not exist; create it with `notion-relay topics apply`"
        case .unavailable(let error): return "no metadata of \(topic): \(error.message)"
        case .changed(let first, let now):
            return "\(topic) had \(first) partitions at start and has \(now) now, so keys have moved; "
                + "restart the replicas once consumers are ready for it"
        case .ready: return facts.hasProducerID == false ? "no producer id yet" : nil
        }
    }

    static let unknown = "no metadata yet; are the brokers reachable?"
}
