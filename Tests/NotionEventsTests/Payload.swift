import Foundation
import Testing

/// One of the payloads that NotionWebhooks' tests keep.
struct Payload: Sendable, CustomTestStringConvertible {
    let name: String
    let body: [UInt8]

    var testDescription: String { name }

    static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    /// All but the handshake.
    static let events: [Payload] = {
        let folder = tests.deletingLastPathComponent().appending(path: "NotionWebhooksTests/Fixtures")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().filter { $0 != "handshake.json" && $0 != "signatures.json" }.compactMap { name in
            guard let body = try? Data(contentsOf: folder.appending(path: name)) else { return nil }
            return Payload(name: name, body: [UInt8](body))
        }
    }()
}
