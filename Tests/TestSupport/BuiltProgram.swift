import Foundation

/// A program of this package that was built beside the tests or the benchmark that now runs it.
package enum BuiltProgram {
    private static let folder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent()
    }()

    package static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
}
