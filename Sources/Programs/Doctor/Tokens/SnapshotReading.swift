package import Subscriptions

/// What is known of the subscriptions topic.
package enum SnapshotReading: Sendable {
    /// Brokers are out of reach.
    case notChecked
    /// There is no such topic.
    case missing
    case read(SubscriptionsSnapshot)
    /// Why it could not be read; the end of a sentence.
    case failed(String)

    var snapshot: SubscriptionsSnapshot? {
        guard case .read(let snapshot) = self else { return nil }
        return snapshot
    }
}
