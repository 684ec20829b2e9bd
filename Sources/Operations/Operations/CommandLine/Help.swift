/// Help texts, written from the table.
package enum Help {
    private static let width = 110
    private static let column = 32

    /// What `--help` prints: about one command, or the list of all. Without a line feed at the end.
    package static func text(command: Command?) -> String {
        SettingType.trimmed(command.map(text(of:)) ?? overview)
    }

    private static var overview: String {
        var text = """
            notion-relay \(Version.text): carries Notion's webhooks into Apache Kafka.

            Usage: notion-relay COMMAND [--flag value]...

            Commands:

            """
        for command in Command.allCases {
            text += TextColumns.entry("  \(command.rawValue)", lines(command.sentence, from: 22), column: 22)
        }
        text += """

            notion-relay COMMAND --help lists the settings of a command; notion-relay --version prints the version.
            A setting comes from its flag, else its NOTION_RELAY_ variable, else the YAML file, else its default.
            Durations are written 500ms, 8s or 2m, sizes 1000, 64KiB or 1MiB.
            Exit status: 0 done, 1 failed, 2 wrong usage. stdout is data, stderr is notices.

            """
        return text
    }

    private static func text(of command: Command) -> String {
        let settings = SettingsTable.settings(of: command)
        let required = settings.filter { $0.isRequired && !$0.isPositional }.map { " \($0.flag) \($0.placeholder)" }
        let positional = settings.filter(\.isPositional).map { " \($0.placeholder)" }
        let words = (positional + required).joined()
        let subject = command.isAboutAnother ? " [COMMAND]" : ""
        var text = TextColumns.wrapped("notion-relay \(command.rawValue): \(command.sentence)", width: width)
            .joined(separator: "\n")
        text += "\n\nUsage: notion-relay \(command.rawValue)\(subject)\(words) [--flag value]...\n"
        if command.isAboutAnother {
            text += "\nCOMMAND is the command whose settings are meant; its flags may follow.\n"
        }
        text += "\nSettings:\n"
        for setting in settings {
            text += TextColumns.entry("  \(term(of: setting))", lines(of: setting, command), column: column)
        }
        return text
    }

    private static func term(of setting: SettingRow) -> String {
        if setting.isPositional { return setting.placeholder }
        return setting.placeholder.isEmpty ? setting.flag : "\(setting.flag) \(setting.placeholder)"
    }

    private static func lines(of setting: SettingRow, _ command: Command) -> [String] {
        var facts = [setting.isRequired ? "required" : "default: \(setting.defaultColumn)"]
        if setting.isPositional { facts.append("or \(setting.flag)") }
        if let range = setting.rangeColumn { facts.append(range) }
        facts += setting.otherNames
        if let alias = setting.alias(of: command) { facts += ["or \(alias.flag)", alias.environment] }
        // Lines break between facts, not within one.
        let whole = facts.map { $0.replacing(" ", with: "\u{A0}") }.joined(separator: "; ")
        let broken = lines("[\(whole)]", from: column).map { $0.replacing("\u{A0}", with: " ") }
        return lines(setting.sentence, from: column) + broken
    }

    private static func lines(_ text: String, from column: Int) -> [String] {
        TextColumns.wrapped(text, width: width - column)
    }
}

extension SettingRow {
    /// Lowest and highest value, where the type has them.
    var rangeColumn: String? {
        switch type {
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "\(SettingValue.duration(range.lowerBound)) to \(SettingValue.duration(range.upperBound))"
        case .bytes(let range): "\(SettingValue.bytes(range.lowerBound)) to \(SettingValue.bytes(range.upperBound))"
        case .number(let range): "\(SettingValue.number(range.lowerBound)) to \(SettingValue.number(range.upperBound))"
        case .position, .time: "TIME such as 2026-10-06T09:02:47Z, or milliseconds since 1970"
        case .rate: "such as 500/s or 30/m"
        default: nil
        }
    }

    /// Variables and YAML paths.
    var otherNames: [String] {
        if type == .options { return ["NOTION_RELAY_KAFKA_OPTION_<NAME>", "yaml: kafka.options.<name>"] }
        var names = [environmentForValue]
        if let environmentForFile { names.append(environmentForFile) }
        if let yaml { names.append("yaml: \(yaml)") }
        if let yamlForFile { names.append("yaml: \(yamlForFile)") }
        return names
    }
}
