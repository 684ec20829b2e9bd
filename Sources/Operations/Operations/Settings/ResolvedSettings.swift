package struct ResolvedValue: Sendable, Equatable {
    package let value: SettingValue
    package let source: SettingSource
    /// The path of the file, or the folder, that it was read from.
    package var file: String?
}

/// A librdkafka option. Its text is kept as a secret, since passwords come this way.
package struct ResolvedOption: Sendable, Equatable {
    package let value: Secret
    package let source: SettingSource
}

/// The settings of one run, checked. Asking for one that the command does not have, or with the wrong type, is a
/// programmer's error and stops the program with a sentence.
package struct ResolvedSettings: Sendable {
    package let command: Command
    /// The rows of the table, in its order.
    package let settings: [Setting]
    let values: [SettingKey: ResolvedValue]
    let options: [String: ResolvedOption]

    package func isSet(_ key: SettingKey) -> Bool { values[key] != nil }

    /// Whether the command has this setting at all.
    package func has(_ key: SettingKey) -> Bool { settings.contains { $0.key == key } }

    /// Where the value came from; the default when nobody gave one.
    package func source(_ key: SettingKey) -> SettingSource { values[key]?.source ?? .standard }

    package func string(_ key: SettingKey) -> String { required(string(ifSet: key), key) }
    package func int(_ key: SettingKey) -> Int { required(int(ifSet: key), key) }
    package func bytes(_ key: SettingKey) -> Int { int(key) }

    package func string(ifSet key: SettingKey) -> String? {
        guard let value = value(key) else { return nil }
        guard case .text(let text) = value else { return mismatch(key) }
        return text
    }

    /// A whole number, or a size in bytes.
    package func int(ifSet key: SettingKey) -> Int? {
        switch value(key) {
        case nil: nil
        case .integer(let number), .bytes(let number): number
        default: mismatch(key)
        }
    }

    package func duration(_ key: SettingKey) -> Duration {
        guard case .duration(let duration) = required(value(key), key) else { return mismatch(key) }
        return duration
    }

    package func flag(_ key: SettingKey) -> Bool {
        guard case .boolean(let flag) = required(value(key), key) else { return mismatch(key) }
        return flag
    }

    package func strings(_ key: SettingKey) -> [String] {
        guard case .list(let items) = required(value(key), key) else { return mismatch(key) }
        return items
    }

    /// A share or a factor.
    package func number(_ key: SettingKey) -> Double {
        guard case .number(let number) = required(value(key), key) else { return mismatch(key) }
        return number
    }

    /// Events a second.
    package func rate(ifSet key: SettingKey) -> Double? {
        guard let value = value(key) else { return nil }
        guard case .rate(let perSecond) = value else { return mismatch(key) }
        return perSecond
    }

    package func position(ifSet key: SettingKey) -> StartPosition? { isSet(key) ? position(key) : nil }

    package func number(ifSet key: SettingKey) -> Double? { isSet(key) ? number(key) : nil }

    package func position(_ key: SettingKey) -> StartPosition {
        guard case .position(let position) = required(value(key), key) else { return mismatch(key) }
        return position
    }

    /// A point in time, in milliseconds since 1970 UTC.
    package func time(ifSet key: SettingKey) -> Int64? {
        guard let value = value(key) else { return nil }
        guard case .time(let milliseconds) = value else { return mismatch(key) }
        return milliseconds
    }

    /// Where a secret was read from, to be read again; nil when a variable holds it, or there is none.
    package func file(of key: SettingKey) -> String? { values[key]?.file }

    /// Empty when none is configured.
    package func secret(_ key: SettingKey) -> [Secret] {
        guard let value = value(key) else { return [] }
        guard case .secrets(let secrets) = value else { return mismatch(key) }
        return secrets
    }

    /// librdkafka's options in the clear, for the client's configuration and nothing else.
    package func map(_ key: SettingKey) -> [String: String] {
        precondition(key == .kafkaOptions, "\(key.rawValue) is not a mapping.")
        return options.mapValues { $0.value.revealed() }
    }

    /// The setting with its value and source, for a message. Never called for secrets.
    func place(_ key: SettingKey) -> String {
        let flag = settings.first { $0.key == key }?.flag ?? key.rawValue
        guard let value = values[key] else { return flag }
        return value.source == .standard ? "\(flag) (default \(value.value))" : "\(value.source) (\(value.value))"
    }

    private func value(_ key: SettingKey) -> SettingValue? {
        precondition(
            settings.contains { $0.key == key },
            "\(command.rawValue) has no setting named \(key.rawValue)."
        )
        return values[key]?.value
    }

    private func required<Value>(_ value: Value?, _ key: SettingKey) -> Value {
        guard let value else { preconditionFailure("\(key.rawValue) has no value; ask with ifSet.") }
        return value
    }

    private func mismatch<Value>(_ key: SettingKey) -> Value {
        preconditionFailure("\(key.rawValue) is not of the type that was asked for.")
    }
}
