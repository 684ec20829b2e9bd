import Testing

@testable import Operations

@Suite
struct RedactionTests {
    /// What must never be seen.
    private static let hidden = "hunter2-hunter2"

    private func expectHidden(_ text: String, _ place: Comment) {
        #expect(!text.contains(Self.hidden), place)
    }

    private func everyForm(of value: some Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return dumped + String(describing: value) + String(reflecting: value) + "\(value)"
    }

    private func resolved() throws -> ResolvedSettings {
        try Settings.resolve(
            command: .receive,
            arguments: ["--kafka", "a:1", "--kafka-option", "sasl.password=\(Self.hidden)"],
            environment: [
                "NOTION_RELAY_VERIFICATION_TOKENS": "\(Self.hidden),\(Self.hidden)2",
                "NOTION_RELAY_KAFKA_OPTION_SSL_KEY_PASSWORD": Self.hidden,
                "NOTION_RELAY_KAFKA_OPTION_CLIENT_ID": "shown",
            ]
        )
    }

    @Test
    func `no form of a value shows its secret`() throws {
        let settings = try resolved()
        expectHidden(everyForm(of: Secret(Self.hidden)), "secret")
        expectHidden(everyForm(of: [Secret(Self.hidden)]), "list")
        expectHidden(everyForm(of: Optional(Secret(Self.hidden)) as Any), "optional")
        expectHidden(everyForm(of: SettingValue.secrets([Secret(Self.hidden)])), "value")
        expectHidden(everyForm(of: settings), "settings")
        #expect(settings.kafkaOptions["sasl.password"] == Self.hidden)
    }

    @Test
    func `config print shows sources and hides secrets`() throws {
        let settings = try resolved()
        let text = ConfigPrint.text(settings)
        let json = ConfigPrint.json(settings)
        expectHidden(text, "text")
        expectHidden(json, "json")
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("--verification-tokens-file <redacted> (2) NOTION_RELAY_VERIFICATION_TOKENS"))
        #expect(lines.contains("--kafka-option sasl.password <redacted> command line"))
        #expect(lines.contains("--kafka-option client.id shown NOTION_RELAY_KAFKA_OPTION_CLIENT_ID"))
        #expect(lines.contains("--kafka a:1 command line"))
        #expect(lines.contains("--enrolment - open with a sealing key or without any token, else closed"))
        #expect(json.contains("{\"name\":\"--loops\",\"value\":1,\"source\":\"default\"}"))
        #expect(json.contains("{\"name\":\"--enrolment\",\"value\":null,"))
    }

    @Test(arguments: [
        ["--verification-token", hidden], ["--verification-token=\(hidden)"], [hidden],
        ["--kafka-option", hidden], ["--kafka-option", "sasl.password \(hidden)"], ["--listen", "1", hidden],
        ["--kafka-option", "linger.ms=\(hidden)"],
    ])
    func `no refused flag shows what stood after it`(arguments: [String]) {
        do throws(SettingsError) {
            _ = try Settings.resolve(
                command: .receive,
                arguments: ["--kafka", "a:1"] + arguments,
                environment: [:]
            )
            Issue.record("Nothing was refused.")
        } catch {
            expectHidden(everyForm(of: error), "error")
        }
    }

    @Test(arguments: [
        (Command.receive, "NOTION_RELAY_VERIFICATION_TOKENS", "\(hidden) \(hidden)"),
        (.receive, "NOTION_RELAY_VERIFICATION_TOKEN", hidden),
        (.receive, "NOTION_RELAY_KAFKA_OPTION_LINGER_MS", hidden),
        (.simulateDeliver, "NOTION_RELAY_SIMULATE_TOKEN", "\(hidden),b"),
        (.simulateDeliver, "NOTION_RELAY_SIMULATE_URL", "http://user:\(hidden)@host/"),
    ])
    func `no refused variable shows its value`(command: Command, name: String, text: String) {
        do throws(SettingsError) {
            _ = try Settings.resolve(command: command, arguments: [], environment: [name: text], isComplete: false)
            Issue.record("Nothing was refused.")
        } catch {
            expectHidden(everyForm(of: error), "error")
        }
    }

    @Test
    func `no refused file shows its content`() throws {
        let texts = [
            "verification_tokens: [a, \"\(Self.hidden) b\"]\n", "verification_tokens: {\(Self.hidden): 1}\n",
            "verification_tokens: \"\(Self.hidden)\n", "verification_tokens: - \(Self.hidden)\n",
        ]
        for text in texts {
            let file = try TemporaryFile(text)
            do throws(SettingsError) {
                _ = try Settings.resolve(
                    command: .receive,
                    arguments: ["--config", file.path],
                    environment: [:],
                    isComplete: false
                )
                Issue.record("Nothing was refused.")
            } catch {
                // The name of an unknown key is shown, and a key is no place for a secret.
                if !text.contains("{") { expectHidden(everyForm(of: error), "error") }
            }
        }
    }
}
