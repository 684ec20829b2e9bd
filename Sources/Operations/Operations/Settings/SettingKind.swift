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

extension SettingKind {
    private static func text(_ type: SettingType) -> SettingKind<String> { .init(type, text: \.self) }

    static var string: SettingKind<String> { text(.string) }
    static var urlPath: SettingKind<String> { text(.urlPath) }
    static var url: SettingKind<String> { text(.url) }
    static var topicName: SettingKind<String> { text(.topicName) }
    static var groupName: SettingKind<String> { text(.groupName) }
    static var file: SettingKind<String> { text(.file) }
    static var fingerprint: SettingKind<String> { text(.fingerprint) }
    static var recordFormat: SettingKind<String> { text(.recordFormat) }
    static var pattern: SettingKind<String> { text(.pattern) }

    static func integer(_ range: ClosedRange<Int>) -> SettingKind<Int> {
        .init(.integer(range)) { if case .integer(let number) = $0 { number } else { nil } }
    }

    static func bytes(_ range: ClosedRange<Int>) -> SettingKind<Int> {
        .init(.bytes(range)) { if case .bytes(let count) = $0 { count } else { nil } }
    }

    static func number(_ range: ClosedRange<Double>) -> SettingKind<Double> { decimal(.number(range)) }
    static var factor: SettingKind<Double> { decimal(.factor) }
    /// A second.
    static var rate: SettingKind<Double> { decimal(.rate) }

    private static func decimal(_ type: SettingType) -> SettingKind<Double> {
        .init(type) { value in
            switch value {
            case .number(let number), .rate(let number): number
            default: nil
            }
        }
    }

    static var boolean: SettingKind<Bool> { .init(.boolean) { if case .boolean(let flag) = $0 { flag } else { nil } } }

    static func seconds(_ range: ClosedRange<Int>) -> SettingKind<Duration> {
        duration(.seconds(range.lowerBound)...(.seconds(range.upperBound)))
    }

    static func milliseconds(_ range: ClosedRange<Int>) -> SettingKind<Duration> {
        duration(.milliseconds(range.lowerBound)...(.milliseconds(range.upperBound)))
    }

    private static func duration(_ range: ClosedRange<Duration>) -> SettingKind<Duration> {
        .init(.duration(range)) { if case .duration(let duration) = $0 { duration } else { nil } }
    }

    static var position: SettingKind<StartPosition> {
        .init(.position) { if case .position(let position) = $0 { position } else { nil } }
    }

    /// Milliseconds since 1970 UTC.
    static var time: SettingKind<Int64> {
        .init(.time) { if case .time(let milliseconds) = $0 { milliseconds } else { nil } }
    }

    static var secret: SettingKind<Secret> {
        .init(.secret) { if case .secrets(let secrets) = $0 { secrets.first } else { nil } }
    }

    static var secrets: SettingKind<[Secret]> {
        .init(.secrets) { if case .secrets(let secrets) = $0 { secrets } else { nil } }
    }

    static var hosts: SettingKind<[String]> { .init(.hosts) { if case .list(let hosts) = $0 { hosts } else { nil } } }

    static var list: SettingKind<[String]> {
        .init(.string, text: { $0.split(separator: ",").map { SettingType.trimmed($0) } })
    }

    static var address: SettingKind<ListenAddress> { .init(.address, text: { ListenAddress($0) }) }

    static var hostNames: SettingKind<[String]> {
        .init(.hostNames, text: { $0.split(separator: ",").map(String.init) })
    }

    static var networks: SettingKind<[AddressRange]> {
        .init(.networks, text: { $0.split(separator: ",").compactMap { AddressRange(String($0)) } })
    }

    /// Each has a name of its own: `ResolvedSettings.kafkaOptions`.
    static var options: SettingKind<Void> { .init(.options, { _ in () }) }

    static var logLevel: SettingKind<LogLevel> {
        .init(.choice(LogLevel.allCases.map(\.name)), text: { LogLevel(name: $0) })
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable<String> {
    static func choice(_ choices: Value.Type) -> Self {
        Self(.choice(Value.allCases.map(\.rawValue)), text: { Value(rawValue: $0) })
    }
}
