// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of this package is held to.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// For every target that does not touch C: an unsafe pointer fails the build.
let memorySafe: [SwiftSetting] = house + [.strictMemorySafety()]

// The floors of `Sources/`, lowest first: a target imports targets of its own floor and of those below. All targets
// have one form here, which the tests read: they hold the imports to it, and write CONTRIBUTING's table from it.

/// A C library, or the kernel's interface, as a module.
func cModule(_ name: String, pkgConfig: String? = nil, debian: String? = nil) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/Platform/\(name)",
        pkgConfig: pkgConfig,
        providers: debian.map { [.apt([$0])] }
    )
}

/// A target of a floor, why it exists, and what it imports of ours.
func target(
    _ floor: String,
    _ name: String,
    _ why: String,
    imports: [Target.Dependency] = [],
    settings: [SwiftSetting] = memorySafe
) -> Target {
    .target(name: name, dependencies: imports, path: "Sources/\(floor)/\(name)", swiftSettings: settings)
}

let platform = [
    cModule("CRdKafka", pkgConfig: "rdkafka", debian: "librdkafka-dev"),
    cModule("COpenSSL", pkgConfig: "openssl", debian: "libssl-dev"),
    cModule("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
    cModule("CYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
    cModule("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    cModule("CLinux"),
    cModule("CJemalloc"),
    target("Platform", "Timestamps", "RFC 3339 and milliseconds since 1970, both ways: pure"),
    target(
        "Platform",
        "TextOutput",
        "text for people and JSON for programs: tables, safe text, status lines, sorted keys: pure"
    ),
    target(
        "Platform",
        "Cryptography",
        "HMAC, ChaCha20-Poly1305, constant-time comparison, random bytes",
        imports: ["COpenSSL"],
        settings: house
    ),
    target(
        "Platform",
        "Kafka",
        "producer, consumers and admin: the only code that touches librdkafka's memory",
        imports: ["CRdKafka"],
        settings: house
    ),
    target(
        "Platform",
        "EmbeddedKafka",
        "librdkafka's in-process cluster with faults, for `demo`, `dev` and tests",
        imports: ["CRdKafka", "Kafka"],
        settings: house
    ),
    target("Platform", "HTTPFraming", "requests out of bytes, limits, deadlines: pure"),
    target(
        "Platform",
        "HTTPServer",
        "event loops, connections, TLS, drain; knows neither Notion nor Kafka",
        imports: ["CLinux", "COpenSSL", "HTTPFraming"],
        settings: house
    ),
    target("Platform", "HTTPClient", "HTTP out: an `async` call over libcurl", imports: ["CCurl"], settings: house),
]

let notion = [
    target(
        "Notion",
        "NotionWebhooks",
        "what Notion sends: signature, handshake, delivery: pure",
        imports: ["Cryptography"]
    ),
    target(
        "Notion",
        "NotionEvents",
        "what is published: event v1, key, headers, topic names: pure",
        imports: ["NotionWebhooks", "Timestamps"]
    ),
    target(
        "Notion",
        "Subscriptions",
        "sealed verification tokens and what is known of them, in their compacted topic",
        imports: ["Cryptography", "Kafka", "NotionWebhooks", "TextOutput", "Timestamps"]
    ),
]

let consuming = [
    target(
        "Consuming",
        "OrderedConsumer",
        "a consumer group that keeps the order of each key, its dead letters and its state",
        imports: ["Kafka", "TextOutput", "Timestamps"]
    ),
    target(
        "Consuming",
        "OutgoingWebhooks",
        "an event as a signed request, what its answer means, and how many requests a service takes at once",
        imports: ["Cryptography", "HTTPClient", "Kafka", "NotionEvents", "OrderedConsumer", "Timestamps"]
    ),
]

let operations = [
    target(
        "Operations",
        "Operations",
        "settings, logs, metrics, health, stopping; the operations port and its routes",
        imports: ["CLinux", "CYAML", "HTTPServer", "Kafka", "NotionEvents", "TextOutput", "Timestamps"],
        settings: house
    ),
    target(
        "Operations",
        "RecordOutput",
        "which records are wanted, and how they are shown: as a table, as JSON, by a template",
        imports: ["Kafka", "NotionEvents", "NotionWebhooks", "Operations", "TextOutput", "Timestamps"]
    ),
    target(
        "Operations",
        "SubscriptionAdministration",
        "what changing a token writes, how tokens and subscriptions are listed, how much each subscription sends",
        imports: [
            "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "Subscriptions", "TextOutput", "Timestamps",
        ]
    ),
]

let programs = [
    target(
        "Programs",
        "Receiver",
        "the edge: HTTP in, Kafka out",
        imports: [
            "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "Subscriptions",
            "Timestamps",
        ]
    ),
    target(
        "Programs",
        "Forwarder",
        "Kafka in, signed HTTP out; metrics, log lines and pause of a running group",
        imports: [
            "HTTPClient", "Kafka", "NotionEvents", "Operations", "OrderedConsumer", "OutgoingWebhooks", "Timestamps",
        ]
    ),
    target(
        "Programs",
        "Replayer",
        "a stretch of history again, and dead letters back to their topic",
        imports: [
            "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "OutgoingWebhooks", "RecordOutput",
            "TextOutput", "Timestamps",
        ]
    ),
    target(
        "Programs",
        "Simulator",
        "plays Notion, and checks what was kept",
        imports: ["HTTPClient", "Kafka", "NotionWebhooks", "Operations", "Timestamps"]
    ),
    target(
        "Programs",
        "Doctor",
        "why events do not come, and what a captured body is",
        imports: [
            "HTTPClient", "Kafka", "NotionEvents", "NotionWebhooks", "SubscriptionAdministration", "Subscriptions",
            "TextOutput", "Timestamps",
        ]
    ),
]

/// A test target in `Tests/`, named after what it tests.
func tests(
    _ name: String,
    uses: [Target.Dependency] = [],
    exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .testTarget(name: name, dependencies: uses, exclude: exclude, resources: resources, swiftSettings: house)
}

let package = Package(
    name: "notion-relay",
    products: [
        .executable(name: "notion-relay", targets: ["NotionRelay"]),
        .library(name: "Kafka", targets: ["Kafka"]),
        .library(name: "NotionWebhooks", targets: ["NotionWebhooks"]),
        .library(name: "NotionEvents", targets: ["NotionEvents"]),
        .library(name: "OrderedConsumer", targets: ["OrderedConsumer"]),
    ],
    targets: platform + notion + consuming + operations + programs + [
        .executableTarget(
            name: "NotionRelay",
            dependencies: [
                "Doctor", "EmbeddedKafka", "Forwarder", "HTTPClient", "HTTPFraming", "HTTPServer", "Kafka",
                "NotionEvents", "NotionWebhooks", "Operations", "OrderedConsumer", "OutgoingWebhooks", "Receiver",
                "RecordOutput", "Replayer", "Simulator", "SubscriptionAdministration", "Subscriptions", "TextOutput",
                "Timestamps",
            ],
            swiftSettings: memorySafe,
            // Every record is some twenty small allocations in librdkafka, on one thread and often freed on another.
            linkerSettings: [.linkedLibrary("jemalloc")]
        ),
        .executableTarget(
            name: "relay-bench",
            dependencies: [
                "CJemalloc", "COpenSSL", "CRdKafka", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks",
                "OrderedConsumer", "Replayer", "Simulator", "TestSupport",
            ],
            path: "Benchmarks",
            swiftSettings: house
        ),

        // Examples.
        .target(
            name: "Pages",
            dependencies: ["CSQLite", "NotionEvents"],
            path: "Examples/Pages",
            swiftSettings: house
        ),
        .executableTarget(
            name: "PageTable",
            dependencies: ["Kafka", "NotionEvents", "OrderedConsumer", "Pages"],
            path: "Examples/PageTable",
            swiftSettings: memorySafe
        ),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["CLinux", "CRdKafka", "HTTPClient", "HTTPServer", "Kafka", "NotionWebhooks", "Simulator"],
            path: "Tests/TestSupport",
            exclude: ["webhook_service.py"],
            swiftSettings: house
        ),
        .executableTarget(
            name: "FaultyMember",
            dependencies: ["Kafka", "NotionEvents", "Operations", "OrderedConsumer", "Pages", "TestSupport"],
            path: "Tests/FaultyMember",
            swiftSettings: house
        ),
        tests("CryptographyTests", uses: ["Cryptography"]),
        tests("KafkaTests", uses: ["CLinux", "EmbeddedKafka", "Kafka", "TestSupport"]),
        tests(
            "HTTPFramingTests",
            uses: ["HTTPFraming", "TestSupport"],
            exclude: ["Differential/read_requests.py", "Framings.txt"]
        ),
        tests("HTTPServerTests", uses: ["CLinux", "COpenSSL", "HTTPFraming", "HTTPServer", "TestSupport"]),
        tests("HTTPClientTests", uses: ["HTTPClient", "HTTPServer"]),
        tests("NotionWebhooksTests", uses: ["NotionWebhooks", "TestSupport"], resources: [.copy("Fixtures")]),
        tests(
            "NotionEventsTests",
            uses: ["NotionEvents", "NotionWebhooks", "TestSupport", "Timestamps"],
            exclude: ["read_events.py"],
            resources: [.copy("Golden")]
        ),
        tests("OperationsTests", uses: ["HTTPServer", "NotionEvents", "Operations", "TestSupport", "Timestamps"]),
        tests(
            "OrderedConsumerTests",
            uses: ["EmbeddedKafka", "Kafka", "OrderedConsumer", "TestSupport"]
        ),
        tests(
            "DoctorTests",
            uses: [
                "Doctor", "HTTPClient", "Kafka", "NotionEvents", "NotionWebhooks", "SubscriptionAdministration",
                "Subscriptions", "TestSupport",
            ]
        ),
        tests(
            "ReceiverTests",
            uses: [
                "EmbeddedKafka", "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations",
                "Receiver", "Subscriptions", "TestSupport", "Timestamps",
            ]
        ),
        tests(
            "ForwarderTests",
            uses: [
                "Forwarder", "Kafka", "NotionEvents", "Operations", "OrderedConsumer", "OutgoingWebhooks",
                "TestSupport",
            ]
        ),
        tests(
            "OutgoingWebhooksTests",
            uses: ["HTTPClient", "HTTPFraming", "Kafka", "OrderedConsumer", "OutgoingWebhooks", "TestSupport"]
        ),
        tests(
            "RecordOutputTests",
            uses: ["Kafka", "Operations", "RecordOutput", "TestSupport", "TextOutput", "Timestamps"]
        ),
        tests(
            "ReplayerTests",
            uses: [
                "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "OutgoingWebhooks",
                "RecordOutput", "Replayer", "TestSupport", "Timestamps",
            ]
        ),
        tests(
            "SimulatorTests",
            uses: ["EmbeddedKafka", "HTTPServer", "Kafka", "NotionWebhooks", "Simulator", "TestSupport"]
        ),
        tests(
            "ContractTests",
            uses: [
                "Doctor", "HTTPClient", "HTTPFraming", "HTTPServer", "Kafka", "NotionWebhooks", "Operations",
                "Receiver",
                "Subscriptions",
            ],
            exclude: ["Golden"]
        ),
        tests(
            "IntegrationTests",
            uses: [
                "CLinux", "EmbeddedKafka", "HTTPClient", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks",
                "Operations", "OrderedConsumer", "Pages", "Replayer", "Simulator", "SubscriptionAdministration",
                "Subscriptions", "TestSupport", "Timestamps",
            ]
        ),
        tests(
            "SubscriptionsTests",
            uses: [
                "Kafka", "NotionWebhooks", "SubscriptionAdministration", "Subscriptions", "TestSupport", "Timestamps",
            ]
        ),
        tests(
            "SchemasTests",
            uses: [
                "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "OrderedConsumer", "Replayer", "Simulator",
                "Subscriptions", "TestSupport",
            ],
            exclude: ["compatibility.py", "schema_changes.py", "schema_paths.py", "validate.py"]
        ),
        tests("PagesTests", uses: ["NotionEvents", "Pages", "TestSupport"]),
        tests("TextOutputTests", uses: ["TestSupport", "TextOutput"]),
        tests("TimestampsTests", uses: ["TestSupport", "Timestamps"]),
        tests("ProductsTests", uses: ["TestSupport"], exclude: ["Golden"]),
        tests("TidyTests"),
    ]
)
