internal import Kafka

/// What `config print` shows: each setting, its value, and where it came from. Secrets are never among the values.
package enum ConfigPrint {
    private struct Row {
        /// The flag, and the option's name after `--kafka-option`.
        let name: String
        /// Nil when nothing is set.
        let value: SettingValue?
        let source: String
    }

    package static func text(_ settings: ResolvedSettings) -> String {
        let rows = rows(settings)
        let nameWidth = rows.map(\.name.count).max() ?? 0
        let valueWidth = min(48, rows.map { shown($0.value).count }.max() ?? 0)
        return rows.map { row in
            let name = TextColumns.padded(row.name, to: nameWidth)
            let value = TextColumns.padded(shown(row.value), to: valueWidth)
            return "\(name)  \(value)  \(row.source)"
        }.joined(separator: "\n")
    }

    /// An array of one object for each setting: `{"name":…,"value":…,"source":…}`; null when nothing is set.
    package static func json(_ settings: ResolvedSettings) -> String {
        let objects = rows(settings).map { row in
            "{\"name\":\(JSONText.quoted(row.name)),\"value\":\(json(row.value))"
                + ",\"source\":\(JSONText.quoted(row.source))}"
        }
        return "[\n  \(objects.joined(separator: ",\n  "))\n]"
    }

    private static func rows(_ settings: ResolvedSettings) -> [Row] {
        let shown = settings.settings.filter { $0.environment != SettingsTable.shared.configFormat.row.environment }
        return shown.flatMap { $0.type == .options ? optionRows(settings) : [row($0, settings)] }
    }

    private static func row(_ setting: SettingRow, _ settings: ResolvedSettings) -> Row {
        let value = settings[setting]
        // What no one set and has no default is decided by a rule, which the table states in words.
        let source = value.map { described($0.source) } ?? (setting.isRequired ? "required" : setting.defaultColumn)
        return Row(name: setting.flag, value: value?.value, source: source)
    }

    /// The variable, or the file and its line; which flag it was stands in the first column.
    private static func described(_ source: SettingSource) -> String {
        if case .flag = source { return "command line" }
        return source.description
    }

    private static func optionRows(_ settings: ResolvedSettings) -> [Row] {
        settings.options.sorted { $0.key < $1.key }.map { name, option in
            let isHidden = SecretOption.isSecret(name, option.value.revealed())
            let value = isHidden ? SettingValue.secrets([option.value]) : .text(option.value.revealed())
            return Row(name: "--kafka-option \(name)", value: value, source: described(option.source))
        }
    }

    private static func shown(_ value: SettingValue?) -> String {
        guard let value else { return "-" }
        return SettingLayer.printable(value.description, lengthMax: SettingType.textBytesMax)
    }

    private static func json(_ value: SettingValue?) -> String {
        switch value {
        case nil: "null"
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .list(let items): "[\(items.map(JSONText.quoted).joined(separator: ","))]"
        case let value?: JSONText.quoted(value.description)
        }
    }
}
