import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// The built program's `doctor` before set-ups that are broken in one place each, on a real broker: it names that place
/// and no other.
@Suite(.needsKafka, .timeLimit(.minutes(3)))
struct DoctorTests {
    private typealias Prepare = @Sendable () async throws -> DoctorSetup

    private struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let troubles: [String]
        let prepare: Prepare

        init(_ name: String, _ troubles: String..., prepare: @escaping Prepare) {
            testDescription = name
            self.troubles = troubles
            self.prepare = prepare
        }
    }

    private static func busy(_ setup: DoctorSetup) throws -> DoctorSetup {
        try setup.send(30)
        return setup
    }

    @Test func `a relay in order has no error, and no warning but of its single broker`() async throws {
        let setup = try Self.busy(try await DoctorSetup())
        let edge = try await setup.edge()
        let found = try await setup.run(expecting: 0)
        #expect(found.troubles == [], "\(found.text)")
        #expect(found.all.filter { $0.level == "warning" }.map(\.check) == ["single_broker"])
        for check in ["kafka_reachable", "topic_in_order", "token_active", "subscription_events", "edge_ready"] {
            #expect(found.found(check)?.level == "ok", "\(check)")
        }
        #expect(found.found("notion_subscription_status")?.meaning.contains("active then") == true)
        withExtendedLifetime(edge) {}
    }

    @Test(arguments: brokers + topics + tokens + traffic)
    private func `a set-up that is broken in one place has that place named`(broken: Broken) async throws {
        let setup = try await broken.prepare()
        let found = try await setup.run()
        #expect(found.troubles == broken.troubles, "\(found.text)")
        for trouble in found.all where trouble.level != "ok" {
            #expect(!trouble.meaning.isEmpty && !trouble.action.isEmpty, "\(trouble.check)")
        }
        for secret in setup.environment.values + [setup.token.revealed()] {
            #expect(!found.text.contains(secret), "a secret is shown")
        }
    }

    /// Each with what `--kafka` and its options say, on a relay that is in order.
    private static func reached(_ kafka: String?, _ options: [String] = []) -> Prepare {
        {
            var setup = try Self.busy(try await DoctorSetup())
            if let kafka { setup.kafka = kafka }
            setup.arguments += options.flatMap { ["--kafka-option", $0] } + ["--timeout", "5s"]
            return setup
        }
    }

    private static let brokers = [
        Broken("nothing listens", "error kafka_refused", prepare: reached("127.0.0.1:\(FreePort.next())")),
        Broken("the name is unknown", "error kafka_name_unknown", prepare: reached("kafka.invalid:9092")),
        Broken("the brokers speak no TLS", "error kafka_tls", prepare: reached(nil, ["security.protocol=SSL"])),
        Broken(
            "the brokers know no password",
            "error kafka_authentication",
            prepare: reached(
                nil,
                [
                    "security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=relay",
                    "sasl.password=pass-of-the-relay",
                ]
            )
        ),
        Broken(
            "an option is unknown",
            "error kafka_settings",
            prepare: reached(nil, ["security.protokoll=SSL"])
        ),
    ]

    private static let topics = [
        Broken("no topic", "error topic_missing") { try await DoctorSetup(hasTopic: false) },
        Broken("a compacted topic", "error topic_compacted") {
            try busy(try await DoctorSetup(events: ["cleanup.policy": "compact"]))
        },
        Broken("more in sync than replicas", "warning min_insync_above_replicas") {
            try busy(try await DoctorSetup(events: ["min.insync.replicas": "2"]))
        },
        Broken("records are kept for an hour", "warning retention_short") {
            try busy(try await DoctorSetup(events: ["retention.ms": "3600000", "segment.ms": "604800000"]))
        },
        Broken("the broker's time", "warning log_append_time") {
            try busy(try await DoctorSetup(events: ["message.timestamp.type": "LogAppendTime"]))
        },
        Broken("small records only", "warning messages_too_small") {
            try busy(try await DoctorSetup(events: ["max.message.bytes": "1048588"]))
        },
        Broken("tokens that are deleted", "error subscriptions_not_compacted") {
            try busy(try await DoctorSetup(subscriptions: ["cleanup.policy": "delete"]))
        },
    ]

    private static let tokens = [
        Broken("no token", "error no_token") { try busy(try await DoctorSetup(isActive: false)) },
        Broken("a handshake waits", "warning handshake_pending") {
            let setup = try busy(try await DoctorSetup(isActive: false))
            let expires = setup.now + DoctorSetup.hour
            let handshake = ReceivedHandshake(name: nil, client: "a", receivedAt: setup.now, expiresAt: expires)
            try await setup.write([.handshake(handshake, setup.token)])
            return setup
        },
        Broken("another sealing key", "error sealed_other_key") {
            let setup = try busy(try await DoctorSetup())
            let other = try #require(VerificationToken("secret_other"))
            let active = Subscription(name: nil, activatedAt: setup.now)
            try await setup.write([.subscription(active, other)], sealedWith: .generate())
            return setup
        },
        Broken("no sealing key", "warning no_sealing_key") {
            var setup = try busy(try await DoctorSetup())
            setup.environment = ["NOTION_RELAY_VERIFICATION_TOKENS": setup.token.revealed()]
            return setup
        },
        Broken("a token retires while it is used", "warning token_retires_in_use") {
            let setup = try busy(try await DoctorSetup())
            let retiring = Subscription(
                name: nil,
                activatedAt: setup.now - DoctorSetup.hour,
                retiresAt: setup.now + DoctorSetup.hour
            )
            try await setup.write([.subscription(retiring, setup.token)])
            return setup
        },
        Broken("signatures are optional", "warning signature_optional", "warning unverified_events") {
            var setup = try busy(try await DoctorSetup())
            try setup.send(1, more: [("ce_verified", "false")])
            setup.arguments += ["--signature", "optional"]
            return setup
        },
    ]

    private static let traffic = [
        Broken("silent for longer than usual", "warning subscription_silent") {
            let setup = try await DoctorSetup()
            try setup.send(30, last: 12 * DoctorSetup.hour)
            return setup
        },
        Broken("Notion had to try again", "warning repeated_attempts") {
            let setup = try busy(try await DoctorSetup())
            try setup.send(4, attempt: 3)
            return setup
        },
        Broken("deliveries that are not understood", "warning dead_letters") {
            let setup = try busy(try await DoctorSetup())
            let reason = Record.Header(name: "relay-dead-letter-reason", value: Array("not_json".utf8))
            try RecordSender.send([Record(topic: setup.letters, headers: [reason], value: [1])], setup.client)
            return setup
        },
    ]

    @Test func `no event ever is a question, with the evidence that there is`() async throws {
        let setup = try await DoctorSetup(isActive: false)
        let expires = setup.now + DoctorSetup.hour
        let handshake = ReceivedHandshake(name: nil, client: "a", receivedAt: setup.now, expiresAt: expires)
        try await setup.write([.handshake(handshake, setup.token)])
        let found = try await setup.run()
        #expect(found.troubles == ["warning handshake_pending"])
        #expect(found.found("no_events")?.level == "unknown")
        #expect(found.found("notion_subscription_status")?.meaning.contains("pending verification") == true)
        #expect(found.found("handshake_pending")?.title.contains(setup.token.fingerprint) == true)
    }

    /// What a person reads.
    @Test func `the text has a mark for each finding and the counts at its end`() async throws {
        let setup = try await DoctorSetup(hasTopic: false)
        let process = try RelayProcess(
            ["doctor", "--kafka", setup.kafka, "--topic", setup.events, "--dead-letter-topic", setup.letters],
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": "secret_doctor"]
        )
        #expect(try await process.exitStatus() == .exited(1))
        let lines = try await process.child.output.allUntilEnd()
        #expect(lines[0] == "kafka" && lines.contains { $0.hasPrefix("  x error    \(setup.events): ") })
        #expect(lines.last?.hasPrefix("1 error, ") == true, "\(lines)")
        #expect(!lines.joined().contains("\u{1B}") && process.child.errors.all.isEmpty)
    }

    @Test(arguments: [
        (["--api-url", "http://api.example.org"], "the token is sent there, so it has to be https"),
        (["--sealing-key-file", "/dev/null"], "is a device, not a regular file"), (["--since", "1y"], "a duration"),
    ])
    func `wrong usage is said before anything is asked`(arguments: [String], part: String) async throws {
        let process = try RelayProcess(["doctor", "--kafka", "127.0.0.1:1"] + arguments)
        #expect(try await process.exitStatus() == .exited(2))
        #expect(process.child.errors.text.contains(part), "\(process.child.errors.text)")
    }
}
