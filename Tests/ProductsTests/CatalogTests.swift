import Foundation
import TestSupport
import Testing

/// The documentation catalogs: complete, and without a link that leads nowhere.
@Suite(.needsProgram("swift-symbolgraph-extract"))
struct CatalogTests {
    @Test(arguments: Product.all)
    func `a catalog's topics name every public type and function, each once`(product: Product) async throws {
        let folder = try TemporaryDirectory("symbols")
        let graph = try await product.extractSymbols(into: folder)
        let topLevel = graph.symbols.filter { $0.pathComponents.count == 1 }.map(\.path)
        let listed = try Self.topics(in: product.page())
        for name in Set(topLevel).subtracting(listed).sorted() { Issue.record("\(product): no topic has \(name)") }
        for name in Set(listed).subtracting(topLevel).sorted() { Issue.record("\(product): \(name) is not public") }
        #expect(Set(listed).count == listed.count, "a name stands there twice")
    }

    /// The names that the lists under `## Topics` link to.
    private static func topics(in page: String) throws -> [String] {
        let start = try #require(page.firstRange(of: "\n## Topics\n"), "there is no section Topics")
        return page[start.upperBound...].matches(of: /\n- ``([^`]+)``/).map { String($0.output.1) }
    }

    @Test(.needsProgram("docc"), arguments: Product.all)
    func `every link in catalog and comments leads somewhere`(product: Product) async throws {
        let folder = try TemporaryDirectory("docc")
        _ = try await product.extractSymbols(into: folder)
        let run = try await Self.convert(product.catalog.path, product, in: folder)
        #expect(run.status == .exited(0), "\(run.text)")
    }

    @Test(.needsProgram("docc"))
    func `a link that leads nowhere is found`() async throws {
        let product = try #require(Product.all.first { $0.name == "NotionWebhooks" })
        let folder = try TemporaryDirectory("docc")
        _ = try await product.extractSymbols(into: folder)
        let copy = folder.file("\(product).docc")
        try FileManager.default.copyItem(atPath: product.catalog.path, toPath: copy)
        let page = try product.page().replacing("## Topics", with: "See ``Delivery/nowhere``.\n\n## Topics")
        try folder.write(page, to: "\(product).docc/\(product).md")
        let run = try await Self.convert(copy, product, in: folder)
        #expect(run.status != .exited(0))
        #expect(run.text.contains("'nowhere' doesn't exist"), "\(run.text)")
    }

    private static func convert(
        _ catalog: String,
        _ product: Product,
        in folder: TemporaryDirectory
    ) async throws -> FinishedProcess {
        try await FinishedProcess.run(
            "docc",
            [
                "convert", catalog, "--additional-symbol-graph-dir", folder.file("graphs"),
                "--fallback-display-name", product.name, "--fallback-bundle-identifier", "relay.\(product)",
                "--output-path", folder.file("archive"), "--warnings-as-errors", "--ide-console-output",
            ],
            within: .seconds(120)
        )
    }
}
