import Foundation
import Testing

/// A payload as Notion would send it: the bytes on disk are the signed bytes.
struct Fixture: Sendable, CustomTestStringConvertible {
    let name: String
    let body: [UInt8]
    let signature: String

    var testDescription: String { name }
    var isEvent: Bool { name != "handshake.json" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    private struct Signatures: Decodable {
        let verificationToken: String
        let signatures: [String: String]

        enum CodingKeys: String, CodingKey {
            case verificationToken = "verification_token"
            case signatures
        }
    }

    private static let signatures: Signatures? = {
        guard let file = try? Data(contentsOf: folder.appending(path: "signatures.json")) else { return nil }
        return try? JSONDecoder().decode(Signatures.self, from: file)
    }()

    static let tokenText = signatures?.verificationToken ?? ""

    static let all: [Fixture] = (signatures?.signatures ?? [:]).sorted { $0.key < $1.key }.compactMap {
        name,
        signature in
        guard let body = try? Data(contentsOf: folder.appending(path: name)) else { return nil }
        return Fixture(name: name, body: [UInt8](body), signature: signature)
    }

    static let events = all.filter(\.isEvent)
}
