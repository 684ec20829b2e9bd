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

let package = Package(
    name: "notion-relay",
    products: [
        .executable(name: "notion-relay", targets: ["NotionRelay"]),
        .library(name: "Kafka", targets: ["Kafka"]),
        .library(name: "NotionWebhooks", targets: ["NotionWebhooks"]),
        .library(name: "NotionEvents", targets: ["NotionEvents"]),
        .library(name: "OrderedConsumer", targets: ["OrderedConsumer"]),
    ],
    targets: [
        // C libraries of the distribution.
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CJemalloc"),

        // Foundations.
        .target(name: "Timestamps", swiftSettings: memorySafe),
        .target(name: "Cryptography", dependencies: ["COpenSSL"], swiftSettings: house),
        .target(name: "Kafka", dependencies: ["CRdKafka"], swiftSettings: house),
        .target(name: "EmbeddedKafka", dependencies: ["CRdKafka", "Kafka"], swiftSettings: house),
        .target(name: "HTTPFraming", swiftSettings: memorySafe),
        .target(name: "HTTPServer", dependencies: ["CLinux", "COpenSSL", "HTTPFraming"], swiftSettings: house),
        .target(name: "HTTPRouting", dependencies: ["HTTPServer"], swiftSettings: memorySafe),
        .target(name: "HTTPClient", dependencies: ["CCurl"], swiftSettings: house),
        .target(name: "NotionWebhooks", dependencies: ["Cryptography"], swiftSettings: memorySafe),
        .target(name: "NotionEvents", dependencies: ["NotionWebhooks", "Timestamps"], swiftSettings: memorySafe),
        .target(name: "OrderedConsumer", dependencies: ["Kafka", "Timestamps"], swiftSettings: memorySafe),
        .target(
            name: "Operations",
            dependencies: ["CLinux", "CYAML", "HTTPRouting", "HTTPServer", "Timestamps"],
            swiftSettings: house
        ),

        .target(
            name: "ConsumerOperations",
            dependencies: ["HTTPRouting", "Kafka", "Operations", "OrderedConsumer"],
            swiftSettings: memorySafe
        ),

        .target(
            name: "OutgoingWebhooks",
            dependencies: ["Cryptography", "HTTPClient", "Kafka", "NotionEvents", "OrderedConsumer", "Timestamps"],
            swiftSettings: memorySafe
        ),

        .target(
            name: "Subscriptions",
            dependencies: [
                "Cryptography", "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "Timestamps",
            ],
            swiftSettings: memorySafe
        ),

        // Programs.
        .target(
            name: "Inspector",
            dependencies: ["NotionEvents", "NotionWebhooks"],
            swiftSettings: memorySafe
        ),
        .target(
            name: "Doctor",
            dependencies: [
                "HTTPClient", "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "Subscriptions",
                "Timestamps",
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "Receiver",
            dependencies: [
                "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "Subscriptions",
                "Timestamps",
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "Forwarder",
            dependencies: ["HTTPClient", "Kafka", "NotionEvents", "Operations", "OrderedConsumer", "OutgoingWebhooks"],
            swiftSettings: memorySafe
        ),
        .target(
            name: "RecordOutput",
            dependencies: ["Kafka", "Operations", "Timestamps"],
            swiftSettings: memorySafe
        ),
        .target(
            name: "Simulator",
            dependencies: [
                "HTTPClient", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "Timestamps",
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "Replayer",
            dependencies: [
                "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "OutgoingWebhooks", "Timestamps",
            ],
            swiftSettings: memorySafe
        ),
        .executableTarget(
            name: "NotionRelay",
            dependencies: [
                "ConsumerOperations", "Doctor", "EmbeddedKafka", "Forwarder", "HTTPClient", "HTTPFraming",
                "HTTPRouting",
                "HTTPServer", "Inspector", "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "OrderedConsumer",
                "OutgoingWebhooks", "Receiver", "RecordOutput", "Replayer", "Simulator", "Subscriptions", "Timestamps",
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
            dependencies: ["CLinux", "HTTPServer", "Kafka"],
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
        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: house),
        .testTarget(
            name: "KafkaTests",
            dependencies: ["CLinux", "EmbeddedKafka", "Kafka", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "HTTPFramingTests",
            dependencies: ["HTTPFraming", "TestSupport"],
            exclude: ["Differential/read_requests.py", "Framings.txt"],
            swiftSettings: house
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["CLinux", "COpenSSL", "HTTPServer", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "HTTPRoutingTests",
            dependencies: ["HTTPRouting", "HTTPServer", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(name: "HTTPClientTests", dependencies: ["HTTPClient", "HTTPServer"], swiftSettings: house),
        .testTarget(
            name: "NotionWebhooksTests",
            dependencies: ["NotionWebhooks"],
            resources: [.copy("Fixtures")],
            swiftSettings: house
        ),
        .testTarget(
            name: "NotionEventsTests",
            dependencies: ["NotionEvents", "NotionWebhooks", "TestSupport", "Timestamps"],
            exclude: ["CloudEvents/read_events.py"],
            resources: [.copy("Golden")],
            swiftSettings: house
        ),
        .testTarget(
            name: "OperationsTests",
            dependencies: ["HTTPRouting", "HTTPServer", "Operations", "TestSupport", "Timestamps"],
            swiftSettings: house
        ),
        .testTarget(
            name: "OrderedConsumerTests",
            dependencies: ["EmbeddedKafka", "Kafka", "OrderedConsumer", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "DoctorTests",
            dependencies: ["Doctor", "HTTPClient", "Kafka", "NotionWebhooks", "Subscriptions", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ReceiverTests",
            dependencies: [
                "EmbeddedKafka", "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Operations",
                "Receiver", "Subscriptions", "TestSupport", "Timestamps",
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "ForwarderTests",
            dependencies: [
                "Forwarder", "HTTPServer", "Kafka", "NotionEvents", "Operations", "OrderedConsumer", "OutgoingWebhooks",
                "TestSupport",
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "OutgoingWebhooksTests",
            dependencies: ["HTTPClient", "HTTPFraming", "Kafka", "OrderedConsumer", "OutgoingWebhooks", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "RecordOutputTests",
            dependencies: ["Kafka", "Operations", "RecordOutput", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ReplayerTests",
            dependencies: [
                "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "OrderedConsumer", "OutgoingWebhooks",
                "Replayer",
                "TestSupport", "Timestamps",
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "SimulatorTests",
            dependencies: ["EmbeddedKafka", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks", "Simulator"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ContractTests",
            dependencies: [
                "Doctor", "HTTPFraming", "HTTPServer", "Kafka", "NotionEvents", "Operations", "Receiver",
                "Subscriptions",
            ],
            exclude: ["Golden"],
            swiftSettings: house
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CLinux", "EmbeddedKafka", "HTTPClient", "HTTPServer", "Kafka", "NotionEvents", "NotionWebhooks",
                "OrderedConsumer", "Pages", "Replayer", "Simulator", "Subscriptions", "TestSupport", "Timestamps",
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "SubscriptionsTests",
            dependencies: ["Kafka", "NotionWebhooks", "Subscriptions", "TestSupport", "Timestamps"],
            swiftSettings: house
        ),
        .testTarget(
            name: "InspectorTests",
            dependencies: ["Inspector", "NotionEvents", "NotionWebhooks", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "SchemasTests",
            dependencies: [
                "Kafka", "NotionEvents", "NotionWebhooks", "Operations", "OrderedConsumer", "Replayer", "Simulator",
                "Subscriptions", "TestSupport",
            ],
            exclude: ["compatibility.py", "schema_changes.py", "schema_paths.py", "validate.py"],
            swiftSettings: house
        ),
        .testTarget(name: "PagesTests", dependencies: ["NotionEvents", "Pages", "TestSupport"], swiftSettings: house),
        .testTarget(name: "TimestampsTests", dependencies: ["TestSupport", "Timestamps"], swiftSettings: house),
        .testTarget(
            name: "ProductsTests",
            dependencies: ["TestSupport"],
            exclude: ["Golden"],
            swiftSettings: house
        ),
        .testTarget(name: "TidyTests", swiftSettings: house),
    ]
)
