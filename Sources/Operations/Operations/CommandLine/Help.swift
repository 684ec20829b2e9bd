package enum Help {
    private static let width = 110
    private static let column = 32

    // Limit: a command with no more settings than this shows all of them at once.
    private static let fewSettings = 10

    /// About one command, or the list of all; `--help-all` also shows the settings that few runs need.
    package static func text(command: Command?, all isComplete: Bool = false) -> String {
        SettingType.trimmed(command.map { text(of: $0, isComplete: isComplete) } ?? overview)
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

            notion-relay COMMAND --help shows examples and the common settings, --help-all all settings of a command.
            notion-relay --version prints the version.
            A setting comes from its flag, else its NOTION_RELAY_ variable, else the YAML file, else its default.
            Durations are written 500ms, 8s or 2m, sizes 1000, 64KiB or 1MiB.
            Exit status: 0 done, 1 failed, 2 wrong usage. stdout is data, stderr is notices.

            """
        return text
    }

    private static func text(of command: Command, isComplete: Bool) -> String {
        let settings = SettingsTable.settings(of: command)
        var text = TextColumns.wrapped("notion-relay \(command.rawValue): \(command.sentence)", width: width)
            .joined(separator: "\n")
        text += "\n\nUsage: notion-relay \(command.rawValue)\(arguments(of: command, settings))\n"
        if command.isAboutAnother {
            text += "\nCOMMAND is the command whose settings are meant; its flags may follow.\n"
        }
        text += "\nExamples:\n"
        for example in command.examples { text += "  " + self.example(example) + "\n" }
        let common = command.commonFlags.compactMap { flag in settings.first { $0.flag == flag } }
        let rest = settings.filter { !command.commonFlags.contains($0.flag) }
        if !common.isEmpty { text += section("Common settings", common, command) }
        guard !rest.isEmpty else { return text }
        if isComplete || settings.count <= fewSettings {
            return text + section(common.isEmpty ? "Settings" : "More settings", rest, command)
        }
        return text + "\nnotion-relay \(command.rawValue) --help-all shows \(rest.count) more settings.\n"
    }

    private static func arguments(of command: Command, _ settings: [SettingRow]) -> String {
        guard command.hasSettings else {
            return command == .completions ? " " + Shell.allCases.map(\.rawValue).joined(separator: "|") : ""
        }
        let required = settings.filter { $0.isRequired && !$0.isPositional }.map { " \($0.flag) \($0.placeholder)" }
        let positional = settings.filter(\.isPositional).map { " \($0.placeholder)" }
        let subject = command.isAboutAnother ? " [COMMAND]" : ""
        return subject + (positional + required).joined() + " [--flag value]..."
    }

    /// A long command line goes on in a second one, as a shell reads it.
    private static func example(_ line: String) -> String {
        TextColumns.wrapped(line, width: width - 4).joined(separator: " \\\n      ")
    }

    private static func section(_ title: String, _ settings: [SettingRow], _ command: Command) -> String {
        "\n\(title):\n"
            + settings.map { setting in
                TextColumns.entry(
                    "  \(setting.isPositional ? setting.placeholder : setting.term)",
                    lines(of: setting, command),
                    column: column
                )
            }.joined()
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
    /// The flag with what is written after it.
    var term: String { placeholder.isEmpty ? flag : "\(flag) \(placeholder)" }

    var rangeColumn: String? {
        switch type {
        case .integer, .duration, .bytes, .number: type.limits
        case .position, .time: "TIME such as 2026-10-06T09:02:47Z, or milliseconds since 1970"
        case .rate: "such as 500/s or 30/m"
        default: nil
        }
    }

    var otherNames: [String] {
        if type == .options { return ["NOTION_RELAY_KAFKA_OPTION_<NAME>", "yaml: kafka.options.<name>"] }
        var names = [environmentForValue]
        if let environmentForFile { names.append(environmentForFile) }
        if let yaml { names.append("yaml: \(yaml)") }
        if let yamlForFile { names.append("yaml: \(yamlForFile)") }
        return names
    }
}
