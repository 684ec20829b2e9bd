package import Kafka
package import NotionWebhooks

/// One record of the subscriptions topic, read or about to be written.
package enum SubscriptionRecord: Sendable, Equatable {
    /// The header that names the key under which the token is sealed.
    package static let keyHeader = "relay-sealing-key"
    /// The header that holds the sealed token: nonce, ciphertext and tag in base64.
    package static let tokenHeader = "relay-sealed-token"

    case handshake(ReceivedHandshake, VerificationToken)
    case subscription(Subscription, VerificationToken)
    case use(TokenUse, of: Fingerprint)
    /// A tombstone.
    case gone(SubscriptionKey)

    package var key: SubscriptionKey {
        switch self {
        case .handshake(_, let token): .handshake(Fingerprint(token))
        case .subscription(_, let token): .subscription(Fingerprint(token))
        case .use(_, let fingerprint): .use(fingerprint)
        case .gone(let key): key
        }
    }

    /// The record for a topic; its token is sealed anew each time. Only a use and a tombstone need no key.
    package func record(in topic: String, sealedWith keys: SealingKeys) -> Record {
        switch self {
        case .handshake(let handshake, let token):
            sealed(HandshakeDocument(handshake).value, token, topic, keys)
        case .subscription(let subscription, let token):
            sealed(ActivationDocument(subscription).value, token, topic, keys)
        case .use(let use, _): Record(topic: topic, key: key.bytes, value: UseDocument(use).value)
        case .gone: Record(topic: topic, key: key.bytes, value: nil)
        }
    }

    private func sealed(_ value: [UInt8], _ token: VerificationToken, _ topic: String, _ keys: SealingKeys) -> Record {
        let sealed = keys.seal(token, in: SealContext(topic: topic, key: key.bytes, value: value))
        let headers = [
            Record.Header(name: Self.keyHeader, value: Array(sealed.keyID.utf8)),
            Record.Header(name: Self.tokenHeader, value: Array(sealed.text.utf8)),
        ]
        return Record(topic: topic, key: key.bytes, headers: headers, value: value)
    }
}

extension SealedToken {
    /// The sealed token in a record's headers.
    init(_ record: Record) throws(SealError) {
        guard let id = record.header(SubscriptionRecord.keyHeader), id.count <= 64,
            let text = record.header(SubscriptionRecord.tokenHeader), text.count <= 2 * Self.bytesMax,
            let id = String(validating: id, as: UTF8.self), let text = String(validating: text, as: UTF8.self),
            id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .malformed }
        self.init(keyID: id, text: text)
    }
}
