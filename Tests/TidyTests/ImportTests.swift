import Testing

/// Who may import whom.
enum ImportTable {
    /// Our own modules and the C libraries' that each target may import; the same lists stand in `Package.swift`.
    static let mayImport: [String: Set<String>] = [
        "ConsumerOperations": ["HTTPRouting", "Kafka", "Operations", "OrderedConsumer"],
        "Cryptography": ["COpenSSL"],
        "Doctor": [
            "HTTPClient", "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "Subscriptions", "Timestamps",
        ],
        "EmbeddedKafka": ["CRdKafka", "Kafka"],
        "Forwarder": ["HTTPClient", "Kafka", "NotionEvents", "Operations", "OrderedConsumer", "OutgoingWebhooks"],
        "HTTPClient": ["CCurl"],
        "HTTPFraming": [],
        "HTTPRouting": ["HTTPServer"],
        "HTTPServer": ["CLinux", "COpenSSL", "HTTPFraming"],
        "Inspector": ["NotionEvents", "NotionWebhooks"],
        "Kafka": ["CRdKafka"],
        "NotionEvents": ["NotionWebhooks", "Timestamps"],
        "NotionRelay": [
            "ConsumerOperations", "Doctor", "EmbeddedKafka", "Forwarder", "HTTPClient", "HTTPFraming", "HTTPRouting",
            "HTTPServer", "Inspector", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "OrderedConsumer",
            "OutgoingWebhooks", "Receiver", "RecordOutput", "Replayer", "Simulator", "Subscriptions", "Timestamps",
        ],
        "NotionWebhooks": ["Cryptography"],
        "Operations": ["CLinux", "CYAML", "HTTPRouting", "HTTPServer", "Timestamps"],
        "OrderedConsumer": ["Kafka", "Timestamps"],
        "OutgoingWebhooks": ["Cryptography", "HTTPClient", "Kafka", "NotionEvents", "OrderedConsumer", "Timestamps"],
        "PageTable": ["Kafka", "NotionEvents", "OrderedConsumer", "Pages"],
        "Pages": ["CSQLite", "NotionEvents"],
        "Receiver": [
            "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "Subscriptions",
            "Timestamps",
        ],
        "RecordOutput": ["Kafka", "Operations", "Timestamps"],
        "Replayer": [
            "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "OutgoingWebhooks", "Timestamps",
        ],
        "Simulator": [
            "HTTPClient", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "Timestamps",
        ],
        "Subscriptions": [
            "Cryptography", "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "Timestamps",
        ],
        "TestSupport": ["CLinux", "HTTPServer", "Kafka"],
        "Timestamps": [],
        "relay-bench": [
            "CJemalloc", "COpenSSL", "CRdKafka", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks",
            "OrderedConsumer", "Replayer", "Simulator", "TestSupport",
        ],
    ]

    /// What strangers' bytes or every event pass through: no Foundation there, neither in part.
    static let withoutFoundation: Set<String> = [
        "Cryptography", "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Timestamps",
    ]

    /// Targets in which an unsafe pointer fails the build.
    static let memorySafe: Set<String> = [
        "ConsumerOperations", "Doctor", "Forwarder", "HTTPFraming", "HTTPRouting", "Inspector", "NotionEvents",
        "NotionRelay",
        "NotionWebhooks", "OrderedConsumer", "OutgoingWebhooks", "PageTable", "Receiver", "RecordOutput", "Replayer",
        "Simulator", "Subscriptions", "Timestamps",
    ]

    /// The public library products.
    static let products = ["Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer"]

    static func name(of source: SwiftSource) -> String {
        source.file.path.hasPrefix("Benchmarks/") ? "relay-bench" : source.file.target
    }
}

@Suite
struct ImportTests {
    /// Our own modules, and the C libraries'.
    private let ours = Set(
        Repository.paths.compactMap { path in
            path.hasPrefix("Sources/") || path.hasPrefix("Examples/")
                ? path.split(separator: "/").dropFirst().first.map(String.init) : nil
        }
    )

    @Test
    func `a target imports only what the table allows`() {
        for source in Repository.swift {
            guard let allowed = ImportTable.mayImport[ImportTable.name(of: source)] else { continue }
            let known = ours.union(["TestSupport"])
            for found in source.imports where known.contains(found.module) && !allowed.contains(found.module) {
                Issue.record("\(source):\(found.line) must not import \(found.module)")
            }
        }
    }

    @Test
    func `every Swift target has a row in the table`() {
        let folders = Set(Repository.swift.filter(\.file.isSource).map(\.file.target))
        #expect(folders.subtracting(ImportTable.mayImport.keys) == [])
    }

    @Test(arguments: ImportTable.mayImport.sorted { $0.key < $1.key })
    func `the table is what Package.swift says`(target: String, allowed: Set<String>) throws {
        let manifest = Repository.text("Package.swift").filter { !$0.isWhitespace }
        let start = try #require(
            ["target", "executableTarget"].compactMap { manifest.firstRange(of: ".\($0)(name:\"\(target)\",") }.first
        )
        let rest = manifest[start.upperBound...]
        var listed: Set<String> = []
        if rest.hasPrefix("dependencies:["), let end = rest.firstIndex(of: "]") {
            let list = rest[..<end].dropFirst("dependencies:[".count)
            listed = Set(list.split(separator: ",").map { $0.filter { $0 != "\"" } })
        }
        #expect(listed == allowed)
    }

    @Test
    func `the table is what CONTRIBUTING says`() {
        let rows = Repository.text("CONTRIBUTING.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        for (target, allowed) in ImportTable.mayImport where ours.contains(target) && target != "NotionRelay" {
            let row = rows.first { $0.hasPrefix("| `\(target)`") }
            let cell = row?.split(separator: "|").last?.filter { !$0.isWhitespace } ?? ""
            let listed = Set(cell.split(separator: ",").map(String.init)).subtracting(["-"])
            #expect(listed == allowed, "CONTRIBUTING.md on \(target)")
        }
    }

    @Test
    func `the path of an event is free of Foundation`() {
        for source in Repository.swift where ImportTable.withoutFoundation.contains(ImportTable.name(of: source)) {
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
}
