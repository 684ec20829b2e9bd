import Testing

@testable import Operations

@Suite
struct EnvironmentTests {
    private func problems(_ environment: [String: String]) -> [String] {
        do throws(SettingsError) {
            _ = try Settings.resolve(command: .receive, arguments: ["--kafka", "a:1"], environment: environment)
            return []
        } catch {
            return error.problems
        }
    }

    static let refused: [(name: String, text: String, problem: String)] = [
        (
            "NOTION_RELAY_TOPICS", "a",
            "NOTION_RELAY_TOPICS is not a setting; did you mean NOTION_RELAY_TOPIC?"
        ),
        ("NOTION_RELAY_XYZZY_XYZZY_XYZZY", "a", "NOTION_RELAY_XYZZY_XYZZY_XYZZY is not a setting"),
        (
            "NOTION_RELAY_LOOPS", "many",
            "NOTION_RELAY_LOOPS: the value \"many\" is not a whole number; allowed: a whole number from 1 to 64"
        ),
        (
            "NOTION_RELAY_TOPIC", "",
            "NOTION_RELAY_TOPIC: the value \"\" is empty; allowed: \(SettingType.topicName.allowed)"
        ),
        (
            "NOTION_RELAY_VERIFICATION_TOKENS", "",
            "NOTION_RELAY_VERIFICATION_TOKENS: the value is empty; allowed: \(SettingType.secrets.allowed)"
        ),
        (
            "NOTION_RELAY_VERIFICATION_TOKENS_FILE", "/nowhere/at/all",
            "NOTION_RELAY_VERIFICATION_TOKENS_FILE: the value names a file that cannot be opened: "
                + "No such file or directory; allowed: \(SettingType.secrets.allowed)"
        ),
        (
            "NOTION_RELAY_KAFKA_OPTION", "a=b",
            "NOTION_RELAY_KAFKA_OPTION is not a setting; "
                + "write NOTION_RELAY_KAFKA_OPTION_SASL_MECHANISM for sasl.mechanism"
        ),
        (
            "NOTION_RELAY_KAFKA_OPTION_LINGER_MS", "5",
            "NOTION_RELAY_KAFKA_OPTION_LINGER_MS: linger.ms has a setting of its own, --linger"
        ),
    ]

    @Test(arguments: refused)
    func `a wrong variable is refused in one line`(name: String, text: String, problem: String) {
        #expect(problems([name: text]) == [problem])
    }

    @Test(arguments: [
        ("NOTION_RELAY_SIMULATE_TOKEN", "a token with spaces"),
        ("NOTION_RELAY_TAIL_COUNT", "not even a number"),
        ("NOTION_RELAY_TEST_SEED", "7"),
        ("NOTION_RELAY_BINARY", "/usr/bin/notion-relay"),
        ("NOTION_RELAY_SERVICE_HOST", "10.0.0.1"),
        ("NOTION_RELAY_SERVICE_PORT", "8080"),
        ("NOTION_RELAY_SERVICE_PORT_HTTP", "8080"),
        ("NOTION_RELAY_PORT", "tcp://10.0.0.1:8080"),
        ("NOTION_RELAY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("NOTION_RELAY_PORT_8080_TCP_PROTO", "tcp"),
        ("NOTION_RELAY_EDGE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("NOTION_RELA_TOPIC", "not ours"),
    ])
    func `variables of other commands, tests and Kubernetes are no mistake`(name: String, text: String) {
        #expect(problems([name: text]) == [])
    }

    @Test
    func `all problems are told at once`() throws {
        let file = try TemporaryFile("loops: 0\ntopci: a\nkey:\nlimits:\n  connections_max: [1]\n")
        let environment = ["NOTION_RELAY_CONFIG": file.path, "NOTION_RELAY_PATH": "x"]
        #expect(
            problems(environment) == [
                "\(file.path):2: topci is not a setting; did you mean topic?",
                "\(file.path):3: key has no value; allowed: entity, page, workspace",
                "\(file.path):5: limits.connections_max is one value, not a list",
                "NOTION_RELAY_PATH: the value \"x\" is not a path; allowed: \(SettingType.urlPath.allowed)",
                "\(file.path):1: loops: the value \"0\" is out of range; allowed: a whole number from 1 to 64",
            ]
        )
    }

    static let files: [(text: String, problem: String)] = [
        ("connections_max: 1\n", ":1: connections_max is not a setting; did you mean limits.connections_max?"),
        ("config: a\n", ":1: config is not a setting"),
        ("kafka: a:1\n", ":1: kafka is not a setting"),
        ("kafka.options: 5\n", ":1: kafka.options is a mapping of librdkafka's names to values"),
        ("kafka.options.client.id: [a]\n", ":1: kafka.options holds librdkafka's names, each with one value"),
        (
            "verification_tokens: a\nverification_tokens_file: b\n",
            ":2: verification_tokens and its _file are both set; only one may be"
        ),
        ("topic: &a x\n", ":1: anchors (&name) are not supported"),
    ]

    @Test(arguments: files)
    func `a wrong file is refused with its line`(text: String, problem: String) throws {
        let file = try TemporaryFile(text)
        #expect(problems(["NOTION_RELAY_CONFIG": file.path]) == [file.path + problem])
    }

    @Test
    func `a file that is not there, too large, or a folder is refused`() throws {
        let large = try TemporaryFile(String(repeating: "#", count: YAMLDocument.bytesMax + 1))
        #expect(problems(["NOTION_RELAY_CONFIG": large.path]) == ["\(large.path) is larger than 256KiB"])
        #expect(problems(["NOTION_RELAY_CONFIG": "/"]) == ["/ is a folder, not a regular file"])
        #expect(
            problems(["NOTION_RELAY_CONFIG": "/nowhere.yaml"])
                == ["/nowhere.yaml cannot be opened: No such file or directory"]
        )
    }

    static let contradictions: [(environment: [String: String], problem: String)] = [
        (
            ["NOTION_RELAY_BODY_BYTES_MAX": "2MiB", "NOTION_RELAY_IN_FLIGHT_BYTES_MAX": "1MiB"],
            "NOTION_RELAY_BODY_BYTES_MAX (2MiB) must not be above a loop's share of "
                + "NOTION_RELAY_IN_FLIGHT_BYTES_MAX (1MiB): the largest body could never be admitted"
        ),
        (
            ["NOTION_RELAY_LOOPS": "64", "NOTION_RELAY_BODY_BYTES_MAX": "1025KiB"],
            "NOTION_RELAY_BODY_BYTES_MAX (1025KiB) must not be above a loop's share of "
                + "--in-flight-bytes-max (default 64MiB): the largest body could never be admitted"
        ),
        (
            ["NOTION_RELAY_LINGER": "1s", "NOTION_RELAY_MESSAGE_TIMEOUT": "1s"],
            "NOTION_RELAY_LINGER (1s) must be below NOTION_RELAY_MESSAGE_TIMEOUT (1s): "
                + "a record has to be sent before it times out"
        ),
        (
            ["NOTION_RELAY_GRACE_PERIOD": "10s"],
            "NOTION_RELAY_GRACE_PERIOD (10s) leaves 8s to answer what was accepted; "
                + "--request-deadline (default 10s) must not be above that"
        ),
        (
            ["NOTION_RELAY_VERIFICATION_TOKENS": "a", "NOTION_RELAY_VERIFICATION_TOKENS_FILE": "b"],
            "NOTION_RELAY_VERIFICATION_TOKENS and NOTION_RELAY_VERIFICATION_TOKENS_FILE are both set; only one may be"
        ),
    ]

    @Test(arguments: contradictions)
    func `settings that contradict each other are refused`(environment: [String: String], problem: String) {
        #expect(problems(environment) == [problem])
    }
}
