import Foundation

/// A payload as Notion sends it: the bytes of the file are the signed bytes. The files are the fixtures of
/// NotionWebhooksTests.
package struct NotionPayload: Sendable, CustomStringConvertible {
    package let name: String
    package let body: [UInt8]
    package let signature: String

    package var description: String { name }

    private struct Signatures: Decodable {
        let verificationToken: String
        let signatures: [String: String]

        enum CodingKeys: String, CodingKey {
            case verificationToken = "verification_token"
            case signatures
        }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "NotionWebhooksTests/Fixtures")

    private static let signatures: Signatures? = {
        guard let file = try? Data(contentsOf: folder.appending(path: "signatures.json")) else { return nil }
        return try? JSONDecoder().decode(Signatures.self, from: file)
    }()

    /// The verification token that signed them.
    package static let tokenText = signatures?.verificationToken ?? ""

    /// By name; empty if the files cannot be read.
    package static let all: [NotionPayload] = (signatures?.signatures ?? [:]).sorted { $0.key < $1.key }.compactMap {
        name,
        signature in
        guard let body = try? Data(contentsOf: folder.appending(path: name)) else { return nil }
        return NotionPayload(name: name, body: [UInt8](body), signature: signature)
    }

    /// All but the handshake.
    package static let events = all.filter { $0.name != "handshake.json" }

    package static func named(_ name: String) -> NotionPayload? { all.first { $0.name == name } }
}
