import Cryptography
import FoundationEssentials

/// The key under which tokens are sealed: what replicas and operators share. Its text is 32 random bytes in base64.
///
/// It never shows by accident: descriptions and mirrors hold its id only.
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

    package static func generate() -> SealingKey {
        SealingKey(bytes: SecureRandom.bytes(ChaChaPoly.keyCount))
    }

    /// Eight hexadecimal digits that tell keys apart and say nothing about them.
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
