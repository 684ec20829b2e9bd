import Operations
import Testing

@Suite
struct SettingsTableTests {
    @Test
    func `the names of the settings are what people wrote into their files`() throws {
        var text = ""
        for setting in SettingsTable.all {
            let names = [
                setting.flag, setting.environmentForValue, setting.environmentForFile ?? "-", setting.yaml ?? "-",
                setting.yamlForFile ?? "-", setting.defaultText ?? "-",
            ]
            text += names.joined(separator: "  ") + "\n"
        }
        try Golden("settings.txt").expect(text)
    }

    /// What scripts were promised.
    @Test(arguments: [
        (Command.receive, ["--kafka", "--listen", "--operations", "--path", "--topic", "--key", "--config"]),
        (.topicsApply, ["--kafka", "--partitions", "--replication-factor"]),
        (.tail, ["--kafka", "--topic", "--from", "--count", "--exit-at-end", "--format"]),
        (
            .simulateDeliver,
            [
                "--url", "--token", "--count", "--entities", "--seed", "--rate", "--connections", "--duplicate",
                "--tamper", "--ledger",
            ]
        ),
        (.simulateCheck, ["--kafka", "--topic", "--ledger"]),
        (.replay, ["--kafka", "--topic", "--from", "--to", "--to-topic"]),
    ])
    func `the flags that others script against are there`(command: Command, flags: [String]) {
        #expect(Set(flags).subtracting(SettingsTable.settings(of: command).map(\.flag)) == [])
    }

    @Test
    func `names are never shared by two settings of one command`() {
        for command in Command.allCases {
            let settings = SettingsTable.settings(of: command)
            let flags = settings.map(\.flag) + settings.compactMap { $0.alias(of: command)?.flag }
            #expect(Set(flags).count == flags.count)
        }
        let all = SettingsTable.all
        let variables =
            all.map(\.environmentForValue) + all.compactMap(\.environmentForFile)
            + all.compactMap(\.alias?.environment)
        #expect(Set(variables).count == variables.count)
        #expect(Set(all.map(\.environment)).count == all.count)
        #expect(Set(all.compactMap(\.yaml)).count == all.compactMap(\.yaml).count)
        #expect(all.allSatisfy { !$0.sentence.isEmpty && !$0.commands.isEmpty })
    }

    @Test
    func `the page of settings is generated from the table`() throws {
        try Golden(path: "docs/settings.md").expect(SettingsMarkdown.page)
    }
}
