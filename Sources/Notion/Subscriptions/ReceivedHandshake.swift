/// A handshake that a replica received: its token is pending until a person activates it, and expires.
package struct ReceivedHandshake: Sendable, Equatable {
    /// The last part of the path that it was posted to; nil at the path itself.
    package var name: SubscriptionName?
    /// The sender's address, as far as the replica could tell.
    package var client: String
    /// Milliseconds since 1970.
    package var receivedAt: Int64
    package var expiresAt: Int64

    package init(name: SubscriptionName?, client: String, receivedAt: Int64, expiresAt: Int64) {
        self.name = name
        self.client = client
        self.receivedAt = receivedAt
        self.expiresAt = expiresAt
    }

    package func isExpired(at now: Int64) -> Bool { now >= expiresAt }
}

/// Its record's value.
struct HandshakeDocument: SubscriptionDocument {
    let version: Int
    let name: String?
    let client: String
    let receivedAt: String
    let expiresAt: String

    enum CodingKeys: String, CodingKey {
        case version = "v"
        case name, client
        case receivedAt = "received_at"
        case expiresAt = "expires_at"
    }

    init(_ handshake: ReceivedHandshake) {
        version = Self.known
        name = handshake.name?.text
        client = handshake.client
        receivedAt = Self.text(handshake.receivedAt)
        expiresAt = Self.text(handshake.expiresAt)
    }

    /// Nil when a part is not what a replica writes.
    var content: ReceivedHandshake? {
        guard let received = Self.milliseconds(receivedAt), let expires = Self.milliseconds(expiresAt),
            client.utf8.count <= 128, Self.isPrintable(client)
        else { return nil }
        var checked: SubscriptionName?
        if let name {
            guard let known = SubscriptionName(name) else { return nil }
            checked = known
        }
        return ReceivedHandshake(name: checked, client: client, receivedAt: received, expiresAt: expires)
    }
}
