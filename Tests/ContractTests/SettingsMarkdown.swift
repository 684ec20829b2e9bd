@testable import Operations

/// The page docs/settings.md.
enum SettingsMarkdown {
    static var page: String { head + SettingsGroup.all.map(section).joined() }

    private static let head = """
        # Settings

        *This page is generated from the settings table by `UPDATE_GOLDEN=1 make test FILTER=SettingsTableTests`.
        Do not edit it by hand.*

        A setting comes from its flag, else from its environment variable, else from the YAML file that `--config`
        names, else from its default. `notion-relay COMMAND --help-all` prints the settings of a command, and
        `notion-relay config print COMMAND` prints their values and where each one came from.

        An unknown name is an error. Durations are written `500ms`, `8s`, `2m` or `1h`, sizes `1000`, `64KiB` or `1MiB`.
        The flag of a secret names a file that holds it; its environment variable holds the secret itself, or, with
        `_FILE`, names that file. Any librdkafka option is passed on by its own name:
        `--kafka-option security.protocol=SASL_SSL`, or `kafka.options` in YAML. An option that has a setting of its
        own, such as `linger.ms`, is refused there.

        """

    private static func section(_ group: SettingsGroup) -> String {
        var text = """

            ## \(title(group))

            | flag | environment | YAML | default | what |
            |---|---|---|---|---|

            """
        for setting in group.settings { text += row(setting, group) }
        return text
    }

    /// Commands are words of the program; the two groups that are none are a title of this page.
    private static func title(_ group: SettingsGroup) -> String {
        let isOfCommands = group.title.first?.isLowercase == true
        return isOfCommands ? "`\(group.title.replacing(", ", with: "`, `"))`" : group.title
    }

    private static func row(_ setting: SettingRow, _ group: SettingsGroup) -> String {
        let names = setting.otherNames
        let environment = names.filter { !$0.hasPrefix("yaml: ") }.map(code).joined(separator: ", ")
        let yaml = names.filter { $0.hasPrefix("yaml: ") }.map { code(String($0.dropFirst(6))) }
        let commands = group.commands(of: setting).map { " *(\($0))*" } ?? ""
        let cells = [
            code(setting.term), environment, yaml.isEmpty ? "-" : yaml.joined(separator: ", "), fallback(setting),
            escaped("\(setting.sentence)\(commands)") + aliases(setting),
        ]
        return "| \(cells.joined(separator: " | ")) |\n"
    }

    private static func aliases(_ setting: SettingRow) -> String {
        setting.alias.map { " In \($0.command.rawValue) also \(code($0.flag)), \(code($0.environment))." } ?? ""
    }

    private static func fallback(_ setting: SettingRow) -> String {
        let range = setting.rangeColumn.map { "; \($0)" } ?? ""
        guard let text = setting.defaultText else { return escaped(setting.defaultColumn + range) }
        return code(text) + escaped(range)
    }

    private static func code(_ text: String) -> String { "`\(escaped(text))`" }

    private static func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
