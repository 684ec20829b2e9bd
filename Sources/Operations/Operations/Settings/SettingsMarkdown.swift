/// The table of settings as README shows it.
package enum SettingsMarkdown {
    package static let begin = "<!-- settings:begin -->"
    package static let end = "<!-- settings:end -->"

    /// Everything between the two markers, without them; ends with a line feed.
    package static var table: String {
        var text = """
            | flag | environment | YAML | default | what |
            |---|---|---|---|---|

            """
        for setting in SettingsTable.all {
            let flag = setting.placeholder.isEmpty ? setting.flag : "\(setting.flag) \(setting.placeholder)"
            let names = setting.otherNames
            let environment = names.filter { !$0.hasPrefix("yaml: ") }.map(code).joined(separator: ", ")
            let yaml = names.filter { $0.hasPrefix("yaml: ") }.map { code(String($0.dropFirst(6))) }
            let commands =
                setting.commands == Command.allCases ? "all" : setting.commands.map(\.rawValue).joined(separator: ", ")
            let cells = [
                code(flag), environment, yaml.isEmpty ? "-" : yaml.joined(separator: ", "), fallback(setting),
                escaped("\(setting.sentence) *(\(commands))*") + aliases(setting),
            ]
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        return text
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
