/// One row of the settings table: everything people and programs need to know about a setting.
package struct Setting: Sendable {
    package let key: SettingKey
    /// The dotted path in a configuration file; nil when a file cannot hold it.
    package let yaml: String?
    /// With its dashes: `--topic`.
    package let flag: String
    /// `NOTION_RELAY_TOPIC`.
    package let environment: String
    package let type: SettingType
    /// As it would be written; nil when there is none.
    package let defaultText: String?
    /// Said in place of a default that depends on something.
    package let defaultNote: String
    package let isRequired: Bool
    /// Whether its value may stand behind the command without the flag. Those of a command are filled in the table's
    /// order, and all of them are required.
    package let isPositional: Bool
    package let sentence: String
    package let commands: [Command]

    /// `scope` belongs to settings of one command whose flag other commands use too: it leads the environment name.
    init(
        _ key: SettingKey,
        yaml: String?,
        flag: String,
        scope: String? = nil,
        _ type: SettingType,
        default defaultText: String? = nil,
        note: String = "",
        isRequired: Bool = false,
        isPositional: Bool = false,
        _ sentence: String,
        for commands: [Command]
    ) {
        self.key = key
        self.yaml = yaml
        self.flag = "--" + flag
        let words = [scope, flag].compactMap { $0 }.joined(separator: "_")
        environment = "NOTION_RELAY_" + words.uppercased().replacing("-", with: "_")
        self.type = type
        self.defaultText = defaultText
        defaultNote = note
        self.isRequired = isRequired || isPositional
        self.isPositional = isPositional
        self.sentence = sentence
        self.commands = commands
    }

    /// A secret that is never a plain flag: its flag names a file, and the variable with `_FILE` does too.
    package var flagNamesFile: Bool { type == .secrets }

    /// The variable that names a file with the secret.
    package var environmentForFile: String? { type.isSecret ? secretStem + "_FILE" : nil }

    /// The variable that holds the value itself.
    package var environmentForValue: String { type.isSecret ? secretStem : environment }

    /// The YAML path that names a file with the secret.
    package var yamlForFile: String? { type.isSecret ? yaml.map { $0 + "_file" } : nil }

    private var secretStem: String {
        environment.hasSuffix("_FILE") ? String(environment.dropLast(5)) : environment
    }

    /// What to write after the flag.
    package var placeholder: String { flagNamesFile ? "FILE" : type.placeholder }

    /// The default as tables and help texts say it.
    package var defaultColumn: String {
        if isRequired { return "required" }
        return defaultText ?? (defaultNote.isEmpty ? "none" : defaultNote)
    }
}
