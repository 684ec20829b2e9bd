import Foundation
import Testing

@Suite
struct ImportTests {
    /// What strangers' bytes or every event pass through: no Foundation there, neither in part.
    private static let withoutFoundation: Set<String> = [
        "Cryptography", "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Timestamps",
    ]

    private static let known = Set(Manifest.targets.map(\.name))

    private static let importsByTarget: [String: Set<String>] = {
        var found: [String: Set<String>] = [:]
        for source in Repository.swift where source.file.path != "Package.swift" {
            found[source.file.target, default: []].formUnion(source.imports.map(\.module).filter(known.contains))
        }
        return found
    }()

    @Test
    func `the manifest is read as it is written`() throws {
        let kafka = try #require(Manifest.target(named: "Kafka"))
        #expect(kafka.floor == "Platform")
        #expect(kafka.imports == ["CRdKafka"])
        #expect(!kafka.isMemorySafe)
        #expect(try #require(Manifest.target(named: "Receiver")).isMemorySafe)
        #expect(Manifest.products.count == 4)
        #expect(Manifest.target(named: "NotionRelay")?.imports.contains("Receiver") == true)
        #expect(Manifest.target(named: "KafkaTests")?.imports.contains("TestSupport") == true)
    }

    @Test
    func `every folder of sources is a target, and lies on its floor`() {
        let known = Set(Manifest.targets.map(\.name))
        for source in Repository.swift where source.file.isSource {
            #expect(known.contains(source.file.target), "\(source) belongs to no target of Package.swift")
            guard let floor = Manifest.target(named: source.file.target)?.floor else { continue }
            #expect(source.file.path.hasPrefix("Sources/\(floor)/"), "\(source) is not on the floor \(floor)")
        }
    }

    /// The compiler finds only some of the imports that a manifest does not list.
    @Test(arguments: Manifest.targets.filter { $0.name.hasPrefix("C") == false || $0.imports.isEmpty == false })
    func `a target imports what it declares, and declares what it imports`(target: Manifest.Target) {
        let imported = Self.importsByTarget[target.name] ?? []
        #expect(imported.subtracting(target.imports) == [], "imported and not declared by \(target)")
        // A test target builds what the program under test is made of, though it names none of it.
        guard !target.name.hasSuffix("Tests") else { return }
        #expect(target.imports.subtracting(imported) == [], "declared by \(target) and not imported")
    }

    @Test(arguments: Manifest.targets.filter { $0.floor != nil })
    func `a target imports only from its own floor and those below`(target: Manifest.Target) throws {
        let floor = try #require(Manifest.floors.firstIndex { $0 == target.floor })
        for name in target.imports {
            let imported = try #require(Manifest.target(named: name)?.floor, "\(name) is on no floor")
            let below = try #require(Manifest.floors.firstIndex(of: imported))
            #expect(below <= floor, "\(target) imports \(name) from a floor above")
        }
    }

    @Test
    func `programs never import each other`() {
        let programs = Set(Manifest.targets.filter { $0.floor == "Programs" }.map(\.name))
        for target in Manifest.targets where programs.contains(target.name) {
            #expect(target.imports.intersection(programs) == [], "\(target)")
        }
    }

    @Test
    func `the edge is built without the consumer framework`() {
        let closure = Manifest.closure(of: "Receiver")
        #expect(closure.contains("Kafka"))
        for name in closure where Manifest.target(named: name)?.floor == "Consuming" {
            Issue.record("Receiver's imports lead to \(name)")
        }
        #expect(!closure.contains("SubscriptionAdministration"), "what only commands use")
    }

    /// Routes are for the operations port and the simulator's API: one path, one method on the public port.
    @Test(arguments: [#"\bRouter\b"#, #"\bRoute\b"#, #"\bRoutedRequest\b"#, #"\bRoutedAnswer\b"#])
    func `the public port has no routes`(name: String) throws {
        for source in Repository.swift where source.file.target == "Receiver" {
            for line in try source.lines(matching: name) { Issue.record("\(source):\(line) uses \(name)") }
        }
    }

    @Test
    func `the path of an event is free of Foundation`() {
        for source in Repository.swift where Self.withoutFoundation.contains(source.file.target) {
            for found in source.imports where found.module.hasPrefix("Foundation") {
                Issue.record("\(source):\(found.line) must not import \(found.module)")
            }
        }
    }

    @Test
    func `tests are written with Swift Testing`() {
        for source in Repository.swift.filter(\.file.isTest) {
            for found in source.imports where found.module == "XCTest" {
                Issue.record("\(source):\(found.line) must not import XCTest")
            }
        }
    }

    @Test
    func `no package from outside is fetched`() {
        #expect(!Repository.text("Package.swift").contains(".package("))
    }

    /// `UPDATE_GOLDEN=1` writes it.
    @Test
    func `CONTRIBUTING's table of targets is the manifest's`() throws {
        let (begin, end) = ("<!-- targets: written from Package.swift -->\n", "<!-- end of targets -->")
        let text = Repository.text("CONTRIBUTING.md")
        let start = try #require(text.firstRange(of: begin)).upperBound
        let stop = try #require(text.firstRange(of: end)).lowerBound
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            let file = Repository.root.appendingPathComponent("CONTRIBUTING.md")
            try Data((text[..<start] + Self.table + text[stop...]).utf8).write(to: file, options: .atomic)
        } else {
            #expect(String(text[start..<stop]) == Self.table)
        }
    }

    private static let table: String = {
        var rows = ["| floor | target | why it exists | imports of ours |", "|---|---|---|---|"]
        let modules = Manifest.targets.filter { $0.floor != nil && !$0.isLibrary }.map { "`\($0.name)`" }
        rows.append("| Platform | \(modules.joined(separator: ", ")) | C libraries as modules | |")
        for target in Manifest.targets where target.isLibrary {
            let product = Manifest.products.contains(target.name) ? " *(product)*" : ""
            let imports = target.imports.sorted().joined(separator: ", ")
            rows.append("| \(target.floor ?? "") | `\(target.name)`\(product) | \(target.why) | \(imports) |")
        }
        return rows.joined(separator: "\n") + "\n"
    }()
}
