import Testing

@testable import Operations

@Suite
struct PrecedenceTests {
    private static let kafka = ["--kafka", "a:1"]

    @Test
    func `flags win over the environment, the environment over the file, the file over the default`() throws {
        let file = try TemporaryFile("topic: from-file\n")
        let withFile = Self.kafka + ["--config", file.path]
        let environment = ["NOTION_RELAY_TOPIC": "from-environment"]
        let expected: [([String], [String: String], String, SettingSource)] = [
            (Self.kafka, [:], "notion.events.v1", .standard),
            (withFile, [:], "from-file", .file(path: file.path, line: 1)),
            (withFile, environment, "from-environment", .environment(name: "NOTION_RELAY_TOPIC")),
            (withFile + ["--topic", "from-flag"], environment, "from-flag", .flag(name: "--topic")),
        ]
        for (arguments, variables, value, source) in expected {
            let settings = try Settings.resolve(command: .receive, arguments: arguments, environment: variables)
            #expect(settings[\.topic] == value)
            #expect(settings.source(\.topic) == source)
        }
    }

    /// For every setting: two sources are given different good values, and the higher one wins.
    @Test(arguments: SettingsTable.all.filter { $0.flag != "--config" && $0.type != .options })
    func `every setting takes flag, environment and file, in this order`(setting: SettingRow) throws {
        let command = setting.commands[0]
        let texts = PrecedenceTests.samples(of: setting.type)
        let files = try texts.map { try TemporaryFile($0, name: "secret") }
        let flagText = setting.flagNamesFile ? files[0].path : texts[0]
        let yaml = try setting.yaml.map { try TemporaryFile("\($0): \"\(texts[2])\"\n") }
        var arguments = yaml.map { ["--config", $0.path] } ?? []
        var environment: [String: String] = [:]
        func value() throws(SettingsError) -> ResolvedValue? {
            try Settings.resolve(
                command: command,
                arguments: arguments,
                environment: environment,
                isComplete: false
            )[setting]
        }
        if let yaml {
            #expect(try value()?.source == .file(path: yaml.path, line: 1))
            #expect(try value()?.value == setting.type.parse(texts[2]))
        }
        environment[setting.environmentForValue] = texts[1]
        #expect(try value()?.source == .environment(name: setting.environmentForValue))
        #expect(try value()?.value == setting.type.parse(texts[1]))
        arguments.append("\(setting.flag)=\(flagText)")
        #expect(try value()?.source == .flag(name: setting.flag))
        #expect(try value()?.value == setting.type.parse(texts[0]))
    }

    /// Three good values; they keep the rules between settings, whichever setting gets them.
    private static func samples(of type: SettingType) -> [String] {
        switch type {
        case .integer(let range): (1...3).map { String(range.lowerBound + $0) }
        case .duration(let range) where range.lowerBound == .zero: ["1ms", "3ms", "4ms"]
        case .duration(let range) where range.lowerBound == .milliseconds(100): ["9s", "9001ms", "9002ms"]
        case .duration: ["21s", "22s", "23s"]
        case .bytes: ["2MiB", "3MiB", "4MiB"]
        case .choice(let choices): [choices[0], choices[1], choices[0]]
        case .boolean: ["true", "false", "true"]
        case .hosts: ["f:1", "e:2", "y:3"]
        case .address: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]
        case .hostNames: ["relay", "relay.internal,ops_1.example", "10.0.0.9"]
        case .networks: ["10.0.0.0/8", "::1,unix", "192.0.2.1"]
        case .urlPath: ["/f", "/e", "/y"]
        case .url: ["http://f/", "http://e/", "http://y/"]
        case .rate: ["1/s", "2/s", "3/s"]
        case .number: ["0.1", "0.2", "0.3"]
        case .factor: ["1x", "2x", "3x"]
        case .position: ["beginning", "2026-10-06", "2026-10-07"]
        case .time: ["2026-10-05", "2026-10-06", "2026-10-07"]
        case .fingerprint: ["0123456789ab", "123456789ABC", "23456789abcd"]
        default: ["flag", "environment", "yaml"]
        }
    }

    /// The arguments, the variables, and what `replay` then reads from, by which name.
    static let replays: [([String], [String: String], String, SettingSource)] = [
        ([], [:], "notion.events.v1", .standard),
        (["--topic", "a"], [:], "a", .flag(name: "--topic")),
        (["--from-topic", "a"], [:], "a", .flag(name: "--from-topic")),
        (["--from-topic=a"], ["NOTION_RELAY_TOPIC": "b"], "a", .flag(name: "--from-topic")),
        (["--topic=a"], ["NOTION_RELAY_REPLAY_FROM_TOPIC": "b"], "a", .flag(name: "--topic")),
        ([], ["NOTION_RELAY_TOPIC": "a"], "a", .environment(name: "NOTION_RELAY_TOPIC")),
        (
            [], ["NOTION_RELAY_REPLAY_FROM_TOPIC": "a"], "a",
            .environment(name: "NOTION_RELAY_REPLAY_FROM_TOPIC")
        ),
        (
            [], ["NOTION_RELAY_REPLAY_FROM_TOPIC": "a", "NOTION_RELAY_TOPIC": "b"], "a",
            .environment(name: "NOTION_RELAY_REPLAY_FROM_TOPIC")
        ),
    ]

    @Test(arguments: replays)
    func `replay reads from the topic of all commands, or from one of its own`(
        arguments: [String],
        environment: [String: String],
        topic: String,
        source: SettingSource
    ) throws {
        for command in [Command.replay, .configPrint] {
            let settings = try Settings.resolve(
                command: command,
                subject: .replay,
                arguments: Self.kafka + arguments,
                environment: environment
            )
            #expect(settings[\.topic] == topic)
            #expect(settings.source(\.topic) == source)
        }
    }

    @Test
    func `replay reads from the topic of a file, unless its own variable names one`() throws {
        let file = try TemporaryFile("topic: from-file\n")
        for (environment, topic) in [([:], "from-file"), (["NOTION_RELAY_REPLAY_FROM_TOPIC": "own"], "own")] {
            let settings = try Settings.resolve(
                command: .replay,
                arguments: Self.kafka + ["--config", file.path],
                environment: environment
            )
            #expect(settings[\.topic] == topic)
        }
    }

    @Test
    func `two names of one setting are refused together, and an alias where it is not known`() throws {
        let refusals: [(Command, [String], String)] = [
            (.replay, ["--topic", "a", "--from-topic", "b"], "--topic and --from-topic are the same setting"),
            (.replay, ["--from-topic", "a", "--from-topic", "b"], "--from-topic is given twice"),
            (.replay, ["--from-topic"], "--from-topic needs a value: \(SettingType.topicName.allowed)"),
            (.receive, ["--from-topic", "a"], "--from-topic is not a flag of receive, but of: replay"),
        ]
        for (command, arguments, problem) in refusals {
            #expect(throws: SettingsError(problems: [problem])) {
                try Settings.resolve(command: command, arguments: Self.kafka + arguments, environment: [:])
            }
        }
        let shared = ["NOTION_RELAY_REPLAY_FROM_TOPIC": "of replay alone"]
        let settings = try Settings.resolve(command: .receive, arguments: Self.kafka, environment: shared)
        #expect(settings.source(\.topic) == .standard)
    }

    @Test
    func `librdkafka's options merge by name`() throws {
        let file = try TemporaryFile("kafka:\n  options:\n    client.id: y\n    socket.keepalive.enable: \"true\"\n")
        let settings = try Settings.resolve(
            command: .receive,
            arguments: Self.kafka + ["--config=\(file.path)", "--kafka-option", "client.id=f"],
            environment: [
                "NOTION_RELAY_KAFKA_OPTION_SECURITY_PROTOCOL": "SASL_SSL",
                "NOTION_RELAY_KAFKA_OPTION_CLIENT_ID": "e",
            ]
        )
        #expect(
            settings.kafkaOptions == [
                "client.id": "f", "socket.keepalive.enable": "true", "security.protocol": "SASL_SSL",
            ]
        )
    }

    @Test
    func `tokens come from the environment, a file that it names, a flag's file, and YAML`() throws {
        let tokens = try TemporaryFile("one\ntwo\n", name: "tokens")
        let yaml = try TemporaryFile("verification_tokens: [three, four]\n")
        let yamlFile = try TemporaryFile("verification_tokens_file: \(tokens.path)\n")
        let cases: [([String], [String: String], [String])] = [
            ([], ["NOTION_RELAY_VERIFICATION_TOKENS": "a,b"], ["a", "b"]),
            ([], ["NOTION_RELAY_VERIFICATION_TOKENS_FILE": tokens.path], ["one", "two"]),
            (["--verification-tokens-file", tokens.path], ["NOTION_RELAY_VERIFICATION_TOKENS": "a"], ["one", "two"]),
            (["--config", yaml.path], [:], ["three", "four"]),
            (["--config", yamlFile.path], [:], ["one", "two"]),
            ([], ["NOTION_RELAY_CONFIG": yaml.path], ["three", "four"]),
        ]
        for (arguments, environment, expected) in cases {
            let settings = try Settings.resolve(
                command: .receive,
                arguments: Self.kafka + arguments,
                environment: environment
            )
            #expect(settings[\.edge.verificationTokens].map { $0.revealed() } == expected)
        }
    }

    @Test
    func `the flags of a shown command and of config print live together`() throws {
        let settings = try Settings.resolve(
            command: .configPrint,
            subject: .tail,
            arguments: ["--format", "json", "--topic", "t"],
            environment: ["NOTION_RELAY_TAIL_FORMAT": "table"],
            isComplete: false
        )
        #expect(settings[\.configFormat] == .json)
        #expect(settings[\.topic] == "t")
    }
}
