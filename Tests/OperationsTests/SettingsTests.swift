import HTTPServer
import NotionEvents
import Testing

@testable import Operations

@Suite
struct SettingsTests {
    /// What the receive command resolves to from flags and environment.
    private func receive(
        _ arguments: [String] = [],
        _ environment: [String: String] = [:]
    ) throws(SettingsError) -> ResolvedSettings {
        try Settings.resolve(
            command: .receive,
            arguments: ["--kafka", "localhost:9092"] + arguments,
            environment: environment
        )
    }

    private func problems(_ body: () throws(SettingsError) -> ResolvedSettings) -> [String] {
        do throws(SettingsError) {
            _ = try body()
            return []
        } catch {
            return error.problems
        }
    }

    @Test
    func `defaults are what the table says`() throws {
        let settings = try receive()
        #expect(settings[\.kafka] == ["localhost:9092"])
        #expect(settings[\.edge.listen].description == "0.0.0.0:8080")
        #expect(settings[\.edge.operations].description == "127.0.0.1:9090")
        #expect(settings[\.edge.path] == "/notion/webhooks")
        #expect(settings[\.topic] == "notion.events.v1")
        #expect(settings[\.deadLetterTopic] == "notion.dead-letter.v1")
        #expect(settings[\.edge.key] == .entity)
        #expect(settings[\.edge.loops] == 1)
        #expect(settings[\.limits.bodyBytesMax] == 1_048_576)
        #expect(settings[\.limits.inFlightBytesMax] == 67_108_864)
        #expect(settings[\.limits.inFlightRecordsMax] == 10_000)
        #expect(settings[\.limits.requestDeadline] == .seconds(10))
        #expect(settings[\.producer.messageTimeout] == .seconds(8))
        #expect(settings[\.producer.linger] == .milliseconds(5))
        #expect(settings[\.edge.gracePeriod] == .seconds(25))
        #expect(settings[\.edge.enrolment] == nil)
        #expect(settings[\.logFormat] == nil)
        #expect(settings[\.edge.verificationTokens].isEmpty)
        #expect(settings.kafkaOptions.isEmpty)
    }

    @Test
    func `every default passes its own check`() throws {
        for setting in SettingsTable.all {
            guard let text = setting.defaultText else { continue }
            #expect(throws: Never.self, "\(setting.flag)") { try setting.type.parse(text) }
        }
    }

    @Test(arguments: Command.allCases)
    func `every command's settings resolve`(command: Command) throws {
        let settings = try Settings.resolve(command: command, arguments: [], environment: [:], isComplete: false)
        #expect(settings.command == command)
    }

    @Test
    func `a required setting that is missing is named in all its forms`() {
        let found = problems { () throws(SettingsError) in
            try Settings.resolve(command: .receive, arguments: [], environment: [:])
        }
        let yaml = "kafka.bootstrap_servers in the configuration file"
        #expect(found == ["--kafka is required; give the flag, NOTION_RELAY_KAFKA or \(yaml)"])
    }

    @Test
    func `flags are read with a space and with an equals sign`() throws {
        let settings = try receive([
            "--loops=2", "--topic", "a", "--kafka=b:1,c:2", "--kafka-option", "client.id=x=y",
            "--kafka-option=security.protocol=SASL_SSL",
        ])
        #expect(settings[\.edge.loops] == 2)
        #expect(settings[\.topic] == "a")
        #expect(settings[\.kafka] == ["localhost:9092", "b:1", "c:2"])
        #expect(settings.kafkaOptions == ["client.id": "x=y", "security.protocol": "SASL_SSL"])
    }

    static let refusals: [(arguments: [String], problem: String)] = [
        (["--loops", "65"], "--loops: the value \"65\" is out of range; allowed: a whole number from 1 to 64"),
        (["--loops"], "--loops needs a value: a whole number from 1 to 64"),
        (["--loops", "--topic", "a"], "--loops needs a value: a whole number from 1 to 64"),
        (["--loops", "1", "--loops", "2"], "--loops is given twice"),
        (["--lops", "2"], "--lops is not a flag of receive; did you mean --loops?"),
        (["--hlep"], "--hlep is not a flag of receive; did you mean --help?"),
        (["--count", "2"], "--count is not a flag of receive, but of: tail, simulate deliver"),
        (["--xyzzy-nothing-like-it"], "--xyzzy-nothing-like-it is not a flag of receive"),
        (["hunter2"], "argument 3 of receive is not a flag; settings are --flag value"),
        (["--tokne=hunter2"], "--tokne is not a flag of receive"),
        (["--kafka-option", "hunter2"], "--kafka-option: expected NAME=VALUE with one of librdkafka's names"),
        (["--kafka-option", "linger.ms=5"], "--kafka-option linger.ms: linger.ms has a setting of its own, --linger"),
        (
            ["--key", "page_id"],
            "--key: the value \"page_id\" is not one of the choices; allowed: entity, page, workspace"
        ),
        (
            ["--health-path", "/notion/webhooks/up"],
            "--health-path (/notion/webhooks/up) must not be --path (default /notion/webhooks) or below it: "
                + "deliveries are posted there"
        ),
        (
            ["--path", "/healthz"],
            "--health-path (default /healthz) must not be --path (/healthz) or below it: deliveries are posted there"
        ),
        (
            ["--message-timeout", "10s"],
            "--message-timeout (10s) must be below --request-deadline (default 10s): "
                + "Kafka's answer has to come before the request gives up"
        ),
    ]

    @Test(arguments: refusals)
    func `a wrong flag is refused in one line`(arguments: [String], problem: String) {
        #expect(problems { () throws(SettingsError) in try receive(arguments) } == [problem])
    }
}
