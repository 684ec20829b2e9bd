import Cryptography
import FoundationEssentials
import NotionWebhooks

/// The keys of a program: the first one seals, each of them opens, so that a key can be replaced.
package struct SealingKeys: Sendable {
    private let keys: [SealingKey]

    package init(_ keys: [SealingKey]) { self.keys = keys }

    package var isEmpty: Bool { keys.isEmpty }
    /// In the order given.
    package var ids: [String] { keys.map(\.id) }

    /// Seals a token for a record, bound to the record's topic, key and value. There must be a key.
    func seal(_ token: VerificationToken, in context: SealContext) -> SealedToken {
        precondition(!keys.isEmpty, "Nothing is sealed without a sealing key.")
        let nonce = SecureRandom.bytes(ChaChaPoly.nonceCount)
        let text = keys[0].box.seal(Array(token.revealed().utf8), nonce: nonce, context: context.bytes)
        return SealedToken(keyID: keys[0].id, text: Data(nonce + text).base64EncodedString())
    }

    /// The token of a record.
    func open(
        _ sealed: SealedToken,
        in context: SealContext,
        as fingerprint: Fingerprint
    ) throws(SealError)
        -> VerificationToken
    {
        guard let key = keys.first(where: { $0.id == sealed.keyID }) else {
            throw .otherKey(id: sealed.keyID, given: ids)
        }
        guard let data = Data(base64Encoded: sealed.text), data.count <= SealedToken.bytesMax,
            data.count > ChaChaPoly.nonceCount + ChaChaPoly.tagCount
        else { throw .malformed }
        let bytes = Array(data)
        let nonce = Array(bytes.prefix(ChaChaPoly.nonceCount))
        let text = key.box.open(Array(bytes.dropFirst(ChaChaPoly.nonceCount)), nonce: nonce, context: context.bytes)
        guard let text else { throw .tampered }
        guard let token = VerificationToken(String(decoding: text, as: UTF8.self)),
            Fingerprint(token) == fingerprint
        else { throw .otherToken }
        return token
    }
}

/// A token as a record's headers carry it.
struct SealedToken: Sendable, Equatable {
    // Limit: the longest token, its nonce and its tag.
    static let bytesMax = VerificationToken.lengthBytesMax + ChaChaPoly.nonceCount + ChaChaPoly.tagCount

    /// Which key sealed it.
    let keyID: String
    /// Nonce, ciphertext and tag, in base64.
    let text: String
}

/// What a sealed token is bound to: moved to another record, or with another value beside it, it does not open.
struct SealContext {
    let topic: String
    let key: [UInt8]
    let value: [UInt8]

    /// Each part after its length, so that no two contexts give the same bytes.
    var bytes: [UInt8] {
        var bytes = Array("notion-relay subscription v1\n".utf8)
        for part in [Array(topic.utf8), key, value] { bytes += Array("\(part.count)\n".utf8) + part }
        return bytes
    }
}

/// Why a record's token cannot be opened.
package enum SealError: Error, Sendable, Equatable {
    /// It was sealed with another key.
    case otherKey(id: String, given: [String])
    /// The record was changed, or moved, after it was sealed.
    case tampered
    /// What was sealed is not the token that the record's key names.
    case otherToken
    /// There is no sealed token, or it is malformed.
    case malformed
}

extension SealError: CustomStringConvertible {
    /// The end of a sentence that begins with the record.
    package var description: String {
        switch self {
        case .otherKey(let id, let given) where given.isEmpty:
            "is sealed under the key \(id), and no sealing key is given"
        case .otherKey(let id, let given):
            "is sealed under the key \(id), and the one given is \(given.joined(separator: ", "))"
        case .tampered: "was changed or moved after it was sealed"
        case .otherToken: "holds another token than its key names"
        case .malformed: "has no sealed token"
        }
    }

    /// For a metric's label.
    package var label: String {
        switch self {
        case .otherKey: "other_key"
        case .tampered: "tampered"
        case .otherToken: "other_token"
        case .malformed: "malformed"
        }
    }
}

/// The key that tokens are sealed with, shared by replicas and operators. Its text is 32 random bytes in base64.
///
/// It cannot be printed by accident: descriptions and mirrors hold its id only.
package struct SealingKey: Sendable {
    package static let allowed = "44 characters of base64, as notion-relay subscription keygen prints them"

    private let bytes: [UInt8]
    let box: ChaChaPoly

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        box = ChaChaPoly(key: bytes)
    }

    /// Nil unless the text is ``allowed``.
    package init?(_ text: String) {
        guard let data = Data(base64Encoded: text), data.count == ChaChaPoly.keyCount,
            data.base64EncodedString() == text
        else { return nil }
        self.init(bytes: Array(data))
    }

    package static func generate() -> SealingKey { SealingKey(bytes: SecureRandom.bytes(ChaChaPoly.keyCount)) }

    /// Eight hexadecimal digits that identify a key and reveal nothing of it.
    package var id: String {
        let digest = SHA256.digest((Array("notion-relay sealing key ".utf8) + bytes).span)
        var text = ""
        for index in 0..<4 {
            if digest[index] < 16 { text += "0" }
            text += String(digest[index], radix: 16)
        }
        return text
    }

    /// The key itself.
    package func revealed() -> String { Data(bytes).base64EncodedString() }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "<sealing key \(id)>" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
