package import Kafka
package import NotionWebhooks

/// The state of the subscriptions topic, as far as it was read. Pure: the newest record of each key counts, and one
/// that cannot be trusted never replaces what was known before.
package struct SubscriptionsSnapshot: Sendable {
    // Limit: of each kind; a topic that holds more is not ours, and must not exhaust its readers' memory.
    package static let entriesMax = 4096

    /// A record's content, and its token if this reader can open it; without, the content is not authenticated.
    package struct Entry<Content: Sendable>: Sendable {
        package let content: Content
        package let token: Result<VerificationToken, SealError>
    }

    /// Why a record was refused.
    package enum Refusal: Error, Sendable, Equatable {
        /// The key is none of ours.
        case unknownKey
        /// The value is not in our format.
        case malformed
        case sealed(SealError)
        /// There are ``entriesMax`` of its kind already.
        case tooMany
    }

    /// The pending handshakes, expired ones too.
    package private(set) var handshakes: [Fingerprint: Entry<ReceivedHandshake>] = [:]
    package private(set) var subscriptions: [Fingerprint: Entry<Subscription>] = [:]
    package private(set) var uses: [Fingerprint: TokenUse] = [:]
    /// The refusal of each key's newest record, as long as it is the newest.
    package private(set) var refusals: [SubscriptionKey: Refusal] = [:]
    /// How many records had a key that is none of ours.
    package private(set) var unknownKeys = 0

    package init() {}

    /// Applies a record; records come in the topic's order. The result says why it was refused.
    @discardableResult
    package mutating func apply(_ record: Record, openedWith keys: SealingKeys) -> Refusal? {
        guard let key = record.key.flatMap({ SubscriptionKey(bytes: $0) }) else {
            unknownKeys += 1
            return .unknownKey
        }
        do throws(Refusal) {
            try take(record, key, keys)
            refusals[key] = nil
            return nil
        } catch {
            if refusals.count < Self.entriesMax || refusals[key] != nil { refusals[key] = error }
            return error
        }
    }

    private mutating func take(_ record: Record, _ key: SubscriptionKey, _ keys: SealingKeys) throws(Refusal) {
        guard let value = record.value else { return remove(key) }
        switch key {
        case .use(let fingerprint):
            guard let use = UseDocument.read(value)?.content else { throw .malformed }
            uses[fingerprint] = try Self.counted(use, uses, fingerprint)
        case .handshake(let fingerprint):
            guard let content = HandshakeDocument.read(value)?.content else { throw .malformed }
            let entry = Entry(content: content, token: Self.token(record, key, value, keys))
            handshakes[fingerprint] = try Self.trusted(entry, handshakes, fingerprint)
            if case .failure(let error) = entry.token { throw .sealed(error) }
        case .subscription(let fingerprint):
            guard let content = ActivationDocument.read(value)?.content else { throw .malformed }
            let entry = Entry(content: content, token: Self.token(record, key, value, keys))
            subscriptions[fingerprint] = try Self.trusted(entry, subscriptions, fingerprint)
            if case .failure(let error) = entry.token { throw .sealed(error) }
        }
    }

    private mutating func remove(_ key: SubscriptionKey) {
        switch key {
        case .handshake(let fingerprint): handshakes[fingerprint] = nil
        case .subscription(let fingerprint): subscriptions[fingerprint] = nil
        case .use(let fingerprint): uses[fingerprint] = nil
        }
    }

    private static func token(
        _ record: Record,
        _ key: SubscriptionKey,
        _ value: [UInt8],
        _ keys: SealingKeys
    ) -> Result<VerificationToken, SealError> {
        do throws(SealError) {
            let sealed = try SealedToken(record)
            let context = SealContext(topic: record.topic, key: key.bytes, value: value)
            return .success(try keys.open(sealed, in: context, as: key.fingerprint))
        } catch {
            return .failure(error)
        }
    }

    /// The entry that counts from now on: the new one, unless it cannot be opened and the one before could.
    private static func trusted<Content>(
        _ entry: Entry<Content>,
        _ known: [Fingerprint: Entry<Content>],
        _ fingerprint: Fingerprint
    ) throws(Refusal) -> Entry<Content> {
        if let before = known[fingerprint], case .success = before.token, case .failure = entry.token { return before }
        return try counted(entry, known, fingerprint)
    }

    private static func counted<Content>(
        _ entry: Content,
        _ known: [Fingerprint: Content],
        _ fingerprint: Fingerprint
    ) throws(Refusal) -> Content {
        guard known[fingerprint] != nil || known.count < entriesMax else { throw .tooMany }
        return entry
    }
}

extension SubscriptionsSnapshot.Refusal: CustomStringConvertible {
    /// The end of a sentence that begins with the record.
    package var description: String {
        switch self {
        case .unknownKey: "has a key that is none of ours"
        case .malformed: "is not what notion-relay writes"
        case .sealed(let error): error.description
        case .tooMany: "is one of more than \(SubscriptionsSnapshot.entriesMax)"
        }
    }

    /// For a metric's label.
    package var label: String {
        switch self {
        case .unknownKey: "unknown_key"
        case .malformed: "malformed"
        case .sealed(let error): error.label
        case .tooMany: "too_many"
        }
    }
}
