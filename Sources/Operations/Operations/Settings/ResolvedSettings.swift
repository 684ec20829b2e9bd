/// Where a value came from; `config print` shows it and error messages begin with it.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    case standard
    case file(path: String, line: Int)
    case environment(name: String)
    case flag(name: String)

    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): name
        case .flag(let name): name
        }
    }
}

package struct ResolvedValue: Sendable, Equatable {
    package let value: SettingValue
    package let source: SettingSource
    package var file: String?
}

/// A librdkafka option. Its text is kept as a secret, since passwords come this way.
package struct ResolvedOption: Sendable, Equatable {
    package let value: Secret
    package let source: SettingSource
}

/// The settings of one run, checked. Asking for one that the command does not have is a programmer's error and traps.
package struct ResolvedSettings: Sendable {
    package typealias Path<Value: Sendable> = KeyPath<SettingsTable, Setting<Value>>

    package let command: Command
    package let settings: [SettingRow]
    /// By the settings' environment names.
    let values: [String: ResolvedValue]
    let options: [String: ResolvedOption]

    package subscript<Value>(_ path: Path<Value>) -> Value { self[SettingsTable.shared[keyPath: path]] }

    package subscript<Value>(_ setting: Setting<Value>) -> Value {
        precondition(isTaken(setting.row), "\(command.rawValue) has no setting \(setting.row.flag).")
        return setting.value(self[setting.row]?.value)
    }

    subscript(_ row: SettingRow) -> ResolvedValue? { values[row.environment] }

    /// librdkafka's options in the clear, for the client's configuration and nothing else.
    package var kafkaOptions: [String: String] { options.mapValues { $0.value.revealed() } }

    package func isSet<Value>(_ path: Path<Value>) -> Bool { resolved(path) != nil }

    package func has<Value>(_ path: Path<Value>) -> Bool { isTaken(SettingsTable.shared[keyPath: path].row) }

    package func source<Value>(_ path: Path<Value>) -> SettingSource { resolved(path)?.source ?? .standard }

    /// Where a secret was read from, to be read again; nil when a variable holds it, or there is none.
    package func file<Value>(of path: Path<Value>) -> String? { resolved(path)?.file }

    /// The setting with its value and source, for a message. Never called for secrets.
    func place<Value>(_ path: Path<Value>) -> String {
        let flag = SettingsTable.shared[keyPath: path].row.flag
        guard let value = resolved(path) else { return flag }
        return value.source == .standard ? "\(flag) (default \(value.value))" : "\(value.source) (\(value.value))"
    }

    private func resolved<Value>(_ path: Path<Value>) -> ResolvedValue? {
        self[SettingsTable.shared[keyPath: path].row]
    }

    private func isTaken(_ row: SettingRow) -> Bool { settings.contains { $0.environment == row.environment } }
}
