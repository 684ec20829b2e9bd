/// A token that a person made active. It verifies deliveries until it is retired, and until then its state is what the
/// clock says.
package struct Subscription: Sendable, Equatable {
    package enum State: String, Sendable {
        case active
        /// Verifies until its date.
        case retiring
        case retired
    }

    /// What it is called, and the last part of its path; several tokens of one name are one subscription that rotates.
    package var name: SubscriptionName?
    /// Milliseconds since 1970.
    package var activatedAt: Int64
    /// From when on it verifies no more.
    package var retiresAt: Int64?

    package init(name: SubscriptionName?, activatedAt: Int64, retiresAt: Int64? = nil) {
        self.name = name
        self.activatedAt = activatedAt
        self.retiresAt = retiresAt
    }

    package func state(at now: Int64) -> State {
        guard let retiresAt else { return .active }
        return now < retiresAt ? .retiring : .retired
    }
}

/// Its record's value.
struct ActivationDocument: SubscriptionDocument {
    let version: Int
    let name: String?
    let activatedAt: String
    let retiresAt: String?

    enum CodingKeys: String, CodingKey {
        case version = "v"
        case name
        case activatedAt = "activated_at"
        case retiresAt = "retires_at"
    }

    init(_ subscription: Subscription) {
        version = Self.known
        name = subscription.name?.text
        activatedAt = Self.text(subscription.activatedAt)
        retiresAt = subscription.retiresAt.map(Self.text)
    }

    /// Nil when a part is not what an operator's command writes.
    var content: Subscription? {
        guard let activated = Self.milliseconds(activatedAt) else { return nil }
        var subscription = Subscription(name: nil, activatedAt: activated)
        if let name {
            guard let known = SubscriptionName(name) else { return nil }
            subscription.name = known
        }
        if let retiresAt {
            guard let time = Self.milliseconds(retiresAt) else { return nil }
            subscription.retiresAt = time
        }
        return subscription
    }
}
