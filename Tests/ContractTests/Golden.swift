import Foundation
import Testing

/// A text that outsiders hold us to. `UPDATE_GOLDEN=1` writes it anew; a reviewer then sees what changes for them.
struct Golden {
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let file: URL

    init(_ name: String) {
        self.init(path: "Tests/ContractTests/Golden/\(name)")
    }

    /// A generated file of the repository, outside the tests.
    init(path: String) {
        file = Self.repository.appending(path: path)
    }

    func expect(_ text: String) throws {
        if Self.isUpdating {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file, options: .atomic)
        }
        let known = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == known, "\(file.lastPathComponent) differs; UPDATE_GOLDEN=1 writes it anew")
    }
}
