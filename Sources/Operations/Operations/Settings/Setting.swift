package struct Setting<Value: Sendable>: Sendable {
    package private(set) var row: SettingRow
    let value: @Sendable (SettingValue?) -> Value

    fileprivate init(_ row: SettingRow, value: @escaping @Sendable (SettingValue?) -> Value) {
        self.row = row
        self.value = value
    }

    private func with(_ change: (inout SettingRow) -> Void) -> Self {
        var setting = self
        change(&setting.row)
        return setting
    }

    func help(_ sentence: String) -> Self { with { $0.sentence = sentence } }

    /// A path in the configuration file that does not follow from the flag; nil for none.
    func yaml(_ path: String?) -> Self { with { $0.yaml = path } }

    func taken(by commands: [Command]) -> Self { with { $0.commands = commands } }

    func alsoTaken(by commands: Command...) -> Self { with { $0.commands += commands } }

    var positional: Self { with { $0.isPositional = true } }

    /// A flag that one command had before, with its variable, which wins over the setting's own.
    func alias(_ flag: String, scope: String, of command: Command) -> Self {
        with { $0.alias = SettingRow.Alias(flag: "--" + flag, environment: .variable(scope, flag), command: command) }
    }

    /// Options of librdkafka that it stands for: naming them as well could only contradict it.
    func replaces(_ options: String...) -> Self { with { $0.replacedOptions = options } }
}

/// One row of the settings table: everything people and programs need to know about a setting.
package struct SettingRow: Sendable {
    package struct Alias: Sendable {
        package let flag: String
        package let environment: String
        package let command: Command
    }

    /// The dotted path in a configuration file; nil when a file cannot hold it.
    package fileprivate(set) var yaml: String?
    /// With its dashes: `--topic`.
    package let flag: String
    /// `NOTION_RELAY_TOPIC`: no two settings share it.
    package let environment: String
    package let type: SettingType
    /// As it would be written; nil when there is none.
    package let defaultText: String?
    package let defaultNote: String
    package let isRequired: Bool
    /// Whether its value may stand without the flag. Those of a command are filled in the table's order, all required.
    package fileprivate(set) var isPositional = false
    package fileprivate(set) var sentence = ""
    package fileprivate(set) var commands: [Command]
    package fileprivate(set) var alias: Alias?
    fileprivate(set) var replacedOptions: [String] = []

    /// A secret that is never a plain flag: its flag names a file, and the variable with `_FILE` does too.
    package var flagNamesFile: Bool { type == .secrets }

    package var environmentForFile: String? { type.isSecret ? secretStem + "_FILE" : nil }

    package var environmentForValue: String { type.isSecret ? secretStem : environment }

    package var yamlForFile: String? { type.isSecret ? yaml.map { $0 + "_file" } : nil }

    private var secretStem: String { environment.hasSuffix("_FILE") ? String(environment.dropLast(5)) : environment }

    package var placeholder: String { flagNamesFile ? "FILE" : type.placeholder }

    package var defaultColumn: String {
        if isRequired { return "required" }
        return defaultText ?? (defaultNote.isEmpty ? "none" : defaultNote)
    }

    package func alias(of command: Command) -> Alias? { alias?.command == command ? alias : nil }
}

/// What neighbouring settings have in common. Called with a flag and a kind of value it makes a setting.
struct SettingArea {
    /// Leads the environment names, where other commands use the same flags.
    var scope: String?
    /// Leads the YAML paths, none when empty. Nil for what is given anew for each run and so has no place in a file.
    var section: String?
    var commands: [Command]

    func callAsFunction<Value>(_ flag: String, _ kind: SettingKind<Value>, default text: String) -> Setting<Value> {
        Setting(row(flag, kind.type, default: text)) { kind.required($0, flag) }
    }

    /// Without a default; `note` is shown in place of one.
    func callAsFunction<Value>(_ flag: String, _ kind: SettingKind<Value>, note: String = "") -> Setting<Value?> {
        Setting(row(flag, kind.type, note: note)) { $0.map { kind.required($0, flag) } }
    }

    func required<Value>(_ flag: String, _ kind: SettingKind<Value>) -> Setting<Value> {
        Setting(row(flag, kind.type, isRequired: true)) { kind.required($0, flag) }
    }

    /// Empty without a value.
    func list<Element>(_ flag: String, _ kind: SettingKind<[Element]>, note: String = "") -> Setting<[Element]> {
        Setting(row(flag, kind.type, note: note)) { $0.map { kind.required($0, flag) } ?? [] }
    }

    func boolean(_ flag: String) -> Setting<Bool> { self(flag, .boolean, default: "false") }

    /// `--format`, of what a command prints.
    var format: Setting<OutputFormat> { self("format", .choice(OutputFormat.self), default: "text") }

    private func row(
        _ flag: String,
        _ type: SettingType,
        default text: String? = nil,
        note: String = "",
        isRequired: Bool = false
    ) -> SettingRow {
        let stem = type == .secrets ? String(flag.dropLast("-file".count)) : flag
        let parts = section.map { ($0.isEmpty ? [] : [$0]) + [stem.replacing("-", with: "_")] }
        return SettingRow(
            yaml: parts?.joined(separator: "."),
            flag: "--" + flag,
            environment: .variable(scope, flag),
            type: type,
            defaultText: text,
            defaultNote: note,
            isRequired: isRequired,
            commands: commands
        )
    }
}

package enum OutputFormat: String, CaseIterable, Sendable {
    case text, json
}

extension String {
    fileprivate static func variable(_ scope: String?, _ flag: String) -> String {
        let words = ["NOTION_RELAY", scope, flag].compactMap(\.self).joined(separator: "_")
        return words.uppercased().replacing("-", with: "_")
    }
}
