import Foundation
import TestSupport
import Testing

/// The public names of the library products, and what is written about each. `UPDATE_GOLDEN=1` writes the listings
/// anew.
@Suite(.needsProgram("swift-symbolgraph-extract"))
struct APIListingTests {
    @Test(.needsProgram("swift-synthesize-interface"), arguments: Product.all)
    func `a product's public names are as they were reviewed`(product: Product) async throws {
        let folder = try TemporaryDirectory("symbols")
        let graph = try await product.extractSymbols(into: folder)
        let text = APIListing(graph, try await product.suppressedConformances(with: folder)).text
        let golden = Product.repository.appending(path: "Tests/ProductsTests/Golden/\(product).txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: golden, atomically: true, encoding: .utf8)
        }
        let known = try String(contentsOf: golden, encoding: .utf8)
        let (now, before) = (Set(text.split(separator: "\n")), Set(known.split(separator: "\n")))
        for line in now.subtracting(before).sorted() { Issue.record("\(product): new or changed: \(line)") }
        for line in before.subtracting(now).sorted() { Issue.record("\(product): gone or changed: \(line)") }
        let isSame = text == known
        #expect(isSame, "\(golden.lastPathComponent) differs; UPDATE_GOLDEN=1 writes it anew")
    }

    @Test(arguments: Product.all)
    func `every public name is explained`(product: Product) async throws {
        let folder = try TemporaryDirectory("symbols")
        let graph = try await product.extractSymbols(into: folder)
        #expect(graph.symbols.count > 20, "hardly anything is public: is this the right module?")
        for symbol in graph.symbols where symbol.location != nil && !symbol.isDocumented {
            Issue.record("\(product): \(symbol) has no doc comment")
        }
    }

    @Test
    func `these are the products that the package has`() throws {
        let manifest = try String(contentsOf: Product.repository.appending(path: "Package.swift"), encoding: .utf8)
        let named = manifest.matches(of: /\.library\(name: "(\w+)"/).map { String($0.output.1) }
        #expect(named.sorted() == Product.all.map(\.name))
    }

    @Test
    func `a listing is sorted, nested and tells what a type conforms to`() throws {
        let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(Self.small.utf8))
        let expected = """
            struct Box : Equatable, Sendable, ~Copyable
            Box :: @available(*, deprecated) func open()
            Box :: let width: Int

            """
        #expect(APIListing(graph, SuppressedConformances(["Box": ["~Copyable"]])).text == expected)
        #expect(graph.symbols.map(\.isDocumented) == [false, true, false])
        #expect(graph.symbols.map(\.description) == ["Box.width", "Box (Sources/A/Box.swift:4)", "Box.open()"])
    }

    @Test
    func `what cannot be copied is found in an interface, nested or not`() throws {
        let interface = """
            public struct Box : ~Copyable, Sendable {

                public var width: Int { get }

                public enum Lid : ~Escapable {
                }
            }

            public struct Plain : Sendable {
            }

            extension Box {

                final public class Key : ~Copyable {
                }
            }
            """
        let expected: [String: Set<String>] = [
            "Box": ["~Copyable"], "Box.Lid": ["~Escapable"], "Box.Key": ["~Copyable"],
        ]
        #expect(try SuppressedConformances(interface: interface).byPath == expected)
    }

    private static let small = """
        {"symbols": [
            {"identifier": {"precise": "s:w"}, "pathComponents": ["Box", "width"],
             "docComment": {"lines": [{"text": "  "}]},
             "declarationFragments": [{"spelling": "let width:\\n  "}, {"spelling": "Int"}]},
            {"identifier": {"precise": "s:b"}, "pathComponents": ["Box"],
             "docComment": {"lines": [{"text": ""}, {"text": "A box."}]},
             "location": {"uri": "file:///x/Sources/A/Box.swift", "position": {"line": 3}},
             "declarationFragments": [{"spelling": "struct Box"}]},
            {"identifier": {"precise": "s:o"}, "pathComponents": ["Box", "open()"],
             "availability": [{"domain": "*", "isUnconditionallyDeprecated": true}],
             "declarationFragments": [{"spelling": "func open()"}]}
        ], "relationships": [
            {"kind": "conformsTo", "source": "s:b", "target": "s:1", "targetFallback": "Swift.Sendable"},
            {"kind": "conformsTo", "source": "s:b", "target": "s:2", "targetFallback": "Swift.Copyable"},
            {"kind": "conformsTo", "source": "s:b", "target": "s:3", "targetFallback": "Swift.Equatable"},
            {"kind": "memberOf", "source": "s:w", "target": "s:b"}
        ]}
        """
}
