internal import HTTPServer

/// A type of setting, and the Swift type that its values are read as.
struct SettingKind<Value: Sendable>: Sendable {
    let type: SettingType
    private let read: @Sendable (SettingValue) -> Value?

    private init(_ type: SettingType, _ read: @escaping @Sendable (SettingValue) -> Value?) {
        self.type = type
        self.read = read
    }

    /// Of a text that passed the type's check.
    private init(_ type: SettingType, text read: @escaping @Sendable (String) -> Value?) {
        self.init(type) { value in
            guard case .text(let text) = value else { return nil }
            return read(text)
        }
    }

    /// The value of a setting that has one: settings are checked before they are read.
    func required(_ value: SettingValue?, _ flag: String) -> Value {
        guard let value, let read = read(value) else { preconditionFailure("--\(flag) has no value of its type.") }
        return read
    }
}

extension SettingKind<String> {
    private static func text(_ type: SettingType) -> Self { Self(type, text: \.self) }

    static var string: Self { text(.string) }
    static var urlPath: Self { text(.urlPath) }
    static var url: Self { text(.url) }
    static var topicName: Self { text(.topicName) }
    static var groupName: Self { text(.groupName) }
    static var file: Self { text(.file) }
    static var fingerprint: Self { text(.fingerprint) }
    static var recordFormat: Self { text(.recordFormat) }
    static var pattern: Self { text(.pattern) }
}

extension SettingKind<Int> {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(.integer(range)) { if case .integer(let number) = $0 { number } else { nil } }
    }

    static func bytes(_ range: ClosedRange<Int>) -> Self {
        Self(.bytes(range)) { if case .bytes(let count) = $0 { count } else { nil } }
    }
}

extension SettingKind<Double> {
    static func number(_ range: ClosedRange<Double>) -> Self { decimal(.number(range)) }
    static var factor: Self { decimal(.factor) }
    /// A second.
    static var rate: Self { decimal(.rate) }

    private static func decimal(_ type: SettingType) -> Self {
        Self(type) { value in
            switch value {
            case .number(let number), .rate(let number): number
            default: nil
            }
        }
    }
}

extension SettingKind<Bool> {
    static var boolean: Self { Self(.boolean) { if case .boolean(let flag) = $0 { flag } else { nil } } }
}

extension SettingKind<Duration> {
    static func seconds(_ range: ClosedRange<Int>) -> Self {
        duration(.seconds(range.lowerBound)...(.seconds(range.upperBound)))
    }

    static func milliseconds(_ range: ClosedRange<Int>) -> Self {
        duration(.milliseconds(range.lowerBound)...(.milliseconds(range.upperBound)))
    }

    private static func duration(_ range: ClosedRange<Duration>) -> Self {
        Self(.duration(range)) { if case .duration(let duration) = $0 { duration } else { nil } }
    }
}

extension SettingKind<StartPosition> {
    static var position: Self { Self(.position) { if case .position(let position) = $0 { position } else { nil } } }
}

extension SettingKind<Int64> {
    /// Milliseconds since 1970 UTC.
    static var time: Self { Self(.time) { if case .time(let milliseconds) = $0 { milliseconds } else { nil } } }
}

extension SettingKind<Secret> {
    static var secret: Self { Self(.secret) { if case .secrets(let secrets) = $0 { secrets.first } else { nil } } }
}

extension SettingKind<[Secret]> {
    static var secrets: Self { Self(.secrets) { if case .secrets(let secrets) = $0 { secrets } else { nil } } }
}

extension SettingKind<[String]> {
    static var hosts: Self { Self(.hosts) { if case .list(let hosts) = $0 { hosts } else { nil } } }

    /// The parts of a text between commas.
    static var list: Self { Self(.string, text: { $0.split(separator: ",").map { SettingType.trimmed($0) } }) }
}

extension SettingKind<ListenAddress> {
    static var address: Self { Self(.address, text: { ListenAddress($0) }) }
}

extension SettingKind<[AddressRange]> {
    static var networks: Self {
        Self(.networks, text: { $0.split(separator: ",").compactMap { AddressRange(String($0)) } })
    }
}

extension SettingKind<Void> {
    /// Each has a name of its own: `ResolvedSettings.kafkaOptions`.
    static var options: Self { Self(.options, { _ in () }) }
}

extension SettingKind where Value: CaseIterable & RawRepresentable<String> {
    static func choice(_ choices: Value.Type) -> Self {
        Self(.choice(Value.allCases.map(\.rawValue)), text: { Value(rawValue: $0) })
    }
}

extension SettingKind<LogLevel> {
    static var logLevel: Self { Self(.choice(LogLevel.allCases.map(\.name)), text: { LogLevel(name: $0) }) }
}
