/// A token that a person activated. It verifies deliveries until it is retired; its state follows from the clock.
package struct Subscription: Sendable, Equatable {
    package enum State: String, Sendable {
        case active
        /// Verifies until its date.
        case retiring
        case retired
    }

    /// Its name, and the last part of its path; several tokens of one name are one subscription that rotates.
    package var name: SubscriptionName?
    /// Milliseconds since 1970.
    package var activatedAt: Int64
    /// From then on it no longer verifies.
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

/// The name of a subscription, for people and in its URL: the last part of `/notion/webhooks/harbour`.
package struct SubscriptionName: Sendable, Hashable {
    // Limit: a part of a URL and a column of a table.
    package static let lengthBytesMax = 64
    package static let allowed = "1 to 64 of a-z, 0-9, '.', '_' and '-', with a letter or digit in front"

    package let text: String

    /// Nil unless the text is ``allowed``.
    package init?(_ text: String) {
        guard let first = text.utf8.first, Self.isLetterOrDigit(first), text.utf8.count <= Self.lengthBytesMax,
            text.utf8.allSatisfy({ Self.isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension SubscriptionName: CustomStringConvertible, Comparable {
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
