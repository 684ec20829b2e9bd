import Foundation
import TestSupport

/// A Swift package of somebody else, which depends on this repository's library products and nothing else of it.
///
/// It lies beside what was built for this test run and stays there, so that only the first build of it takes minutes.
struct OutsidePackage {
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private let folder = BuiltProgram.path("outside-package")

    /// Writes the package with these files, by their paths in it, and takes away what an earlier run has left.
    init(_ files: [String: String]) throws {
        // What the compiler keeps there holds its own path; in a copy of the folder it would refuse to work.
        if (try? String(contentsOfFile: "\(folder)/place", encoding: .utf8)) != folder {
            try? FileManager.default.removeItem(atPath: folder)
        }
        let sources = URL(filePath: folder).appending(path: "Sources")
        let names = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
        for name in names where name.hasSuffix(".swift") && files["Sources/\(name)"] == nil {
            try FileManager.default.removeItem(at: sources.appending(path: name))
        }
        // The build plans anew when its own package has changed, but not when a file comes to another: so it is told.
        let known = try FileManager.default.subpathsOfDirectory(atPath: Self.repository.appending(path: "Sources").path)
        let list = known.filter { $0.hasSuffix(".swift") }.sorted().map { "// \($0)\n" }.joined()
        let own = ["Package.swift": Self.manifest + list, "place": folder]
        for (name, text) in files.merging(own, uniquingKeysWith: { given, _ in given }) {
            let file = URL(filePath: folder).appending(path: name)
            // What has not changed need not be compiled again.
            guard (try? String(contentsOf: file, encoding: .utf8)) != text else { continue }
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    /// Builds one of its targets, with what that depends on.
    func build(_ target: String) async throws -> FinishedProcess {
        try await build(["--target", target])
    }

    /// Limit: the first build takes the products' own time again, two minutes on two slow cores.
    private func build(_ options: [String]) async throws -> FinishedProcess {
        try await FinishedProcess.run(
            "swift",
            ["build", "--package-path", folder, "--scratch-path", "\(folder)/build"] + options,
            within: .seconds(600)
        )
    }

    /// Builds one of its programs and runs that.
    func run(_ program: String, _ arguments: [String]) async throws -> FinishedProcess {
        let build = try await build(["--product", program])
        guard build.status == .exited(0) else { return build }
        return try await FinishedProcess.run("\(folder)/build/debug/\(program)", arguments, within: .seconds(60))
    }

    private static let manifest = """
        // swift-tools-version: 6.2
        import PackageDescription

        // All that is used of the relay.
        let products: [Target.Dependency] = ["Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer"].map {
            .product(name: $0, package: "notion-relay")
        }

        let package = Package(
            name: "outside",
            dependencies: [.package(name: "notion-relay", path: "\(repository.path)")],
            targets: [
                .target(name: "Snippets", dependencies: products, swiftSettings: [.treatAllWarnings(as: .error)]),
                .executableTarget(
                    name: "print-events",
                    dependencies: [.product(name: "NotionEvents", package: "notion-relay")],
                    path: "Sources/PrintEvents",
                    swiftSettings: [.treatAllWarnings(as: .error)]
                ),
                .executableTarget(
                    name: "walk-through",
                    dependencies: products,
                    path: "Sources/WalkThrough",
                    swiftSettings: [.treatAllWarnings(as: .error)]
                ),
                .target(name: "Peeking", dependencies: products),
            ]
        )

        """
}
