import Foundation

/// A directory for one test, removed with the object.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init(_ purpose: String) throws {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        path = "\(base)/notion-relay-\(purpose)-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    package func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    deinit { remove() }
}
