import Foundation
import TestSupport

/// A library product: what an outsider may import.
struct Product: Sendable, CustomStringConvertible {
    let name: String
    /// The folder under `Sources` that it lies in.
    let floor: String

    static let all = [
        Product(name: "Kafka", floor: "Platform"),
        Product(name: "NotionEvents", floor: "Notion"),
        Product(name: "NotionWebhooks", floor: "Notion"),
        Product(name: "OrderedConsumer", floor: "Consuming"),
    ]

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    var description: String { name }

    /// Its documentation catalog.
    var catalog: URL { Self.repository.appending(path: "Sources/\(floor)/\(name)/\(name).docc") }

    /// The catalog's first page.
    func page() throws -> String {
        try String(contentsOf: catalog.appending(path: "\(name).md"), encoding: .utf8)
    }

    /// Writes the symbol graphs of the module that this very test run was built with into a folder, and reads them.
    ///
    /// More than one comes when the module extends types of other modules.
    func extractSymbols(into folder: TemporaryDirectory) async throws -> SymbolGraph {
        let arguments = [
            "-minimum-access-level", "public", "-skip-synthesized-members", "-skip-inherited-docs", "-output-dir",
            folder.file("graphs"),
        ]
        try FileManager.default.createDirectory(atPath: folder.file("graphs"), withIntermediateDirectories: true)
        try await run("swift-symbolgraph-extract", arguments, in: folder)
        var whole = SymbolGraph(symbols: [], relationships: [])
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.file("graphs")).sorted() {
            let data = try Data(contentsOf: URL(filePath: folder.file("graphs/\(file)")))
            let part = try JSONDecoder().decode(SymbolGraph.self, from: data)
            whole.symbols += part.symbols
            whole.relationships += part.relationships
        }
        return whole
    }

    /// Reads what the module's interface says that its symbol graph does not.
    func suppressedConformances(with folder: TemporaryDirectory) async throws -> SuppressedConformances {
        try await run("swift-synthesize-interface", ["-o", folder.file("interface")], in: folder)
        let text = try String(contentsOf: URL(filePath: folder.file("interface")), encoding: .utf8)
        return try SuppressedConformances(interface: text)
    }

    /// Runs a tool of the compiler's that reads modules.
    private func run(_ tool: String, _ arguments: [String], in folder: TemporaryDirectory) async throws {
        let options = [
            "-module-name", name, "-target", try await Self.target(), "-I", BuiltProgram.path("Modules"),
            "-module-cache-path", folder.file("cache"),
        ]
        let clang = try await Self.clangOptions().flatMap { ["-Xcc", $0] }
        let run = try await FinishedProcess.run(tool, options + arguments + clang, within: .seconds(120))
        guard run.status == .exited(0) else { throw ToolFailure(description: "\(tool): \(run.status): \(run.text)") }
    }

    /// What the compiler calls this machine.
    private static func target() async throws -> String {
        struct Information: Decodable {
            let target: Target

            struct Target: Decodable {
                let triple: String
            }
        }
        let run = try await FinishedProcess.run("swiftc", ["-print-target-info"], within: .seconds(60))
        return try JSONDecoder().decode(Information.self, from: Data(run.text.utf8)).target.triple
    }

    /// Where C's modules and headers are, found as the build finds them: module maps in `Sources/Platform`, and what
    /// pkg-config says, which is nothing where headers lie in their usual place.
    private static func clangOptions() async throws -> [String] {
        let sources = repository.appending(path: "Sources/Platform")
        let maps = try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
            .map { sources.appending(path: "\($0)/module.modulemap").path }
            .filter { FileManager.default.fileExists(atPath: $0) }
        let flags = try await FinishedProcess.run(
            "pkg-config",
            ["--cflags", "rdkafka", "openssl"],
            within: .seconds(60)
        )
        return maps.map { "-fmodule-map-file=\($0)" }
            + flags.output.joined(separator: " ").split(separator: " ").map(String.init)
    }
}

/// A tool of the toolchain that did not do what it was asked for.
struct ToolFailure: Error, CustomStringConvertible {
    let description: String
}
