/// What a setting's text has to look like. `parse` is the only way from text to value.
package enum SettingType: Sendable, Equatable {
    /// Any text of 1...1024 bytes without control characters.
    case string
    case integer(ClosedRange<Int>)
    case duration(ClosedRange<Duration>)
    case bytes(ClosedRange<Int>)
    case choice([String])
    case boolean
    /// `HOST:PORT`, more of them separated by commas.
    case hosts
    /// Numeric address and port to listen on, where port 0 takes a free one, or a Unix socket's path.
    case address
    /// Networks in CIDR notation, single addresses and `unix`, separated by commas.
    case networks
    /// The path of a request: begins with `/`, visible ASCII, neither `?` nor `#`.
    case urlPath
    case url
    case topicName
    /// A consumer group's id that can be a part of a topic's name.
    case groupName
    case file
    /// What names a verification token: 12 hexadecimal digits.
    case fingerprint
    /// librdkafka's names and values.
    case options
    case rate
    case number(ClosedRange<Double>)
    /// How many times as fast: `10x`.
    case factor
    case position
    case time
    /// How a record is written; white space around it counts.
    case recordFormat
    /// A regular expression; white space around it counts.
    case pattern
    case secret
    case secrets
}

extension SettingType {
    package var isSecret: Bool { self == .secret || self == .secrets }

    /// Whether its flag may be given more than once.
    package var isRepeatable: Bool { self == .hosts || self == .options }

    /// The placeholder in help texts.
    package var placeholder: String {
        switch self {
        case .string: "TEXT"
        case .integer: "N"
        case .duration: "DURATION"
        case .bytes: "BYTES"
        case .choice(let choices): choices.joined(separator: "|")
        case .boolean: ""
        case .hosts: "HOST:PORT[,...]"
        case .address: "HOST:PORT"
        case .networks: "CIDR[,...]"
        case .urlPath: "/PATH"
        case .url: "URL"
        case .topicName: "TOPIC"
        case .groupName: "GROUP"
        case .file: "FILE"
        case .fingerprint: "FINGERPRINT"
        case .options: "NAME=VALUE"
        case .rate: "RATE"
        case .number: "NUMBER"
        case .factor: "FACTOR"
        case .position: "beginning|end|TIME"
        case .time: "TIME"
        case .recordFormat: "table|json|TEXT"
        case .pattern: "REGEX"
        case .secret, .secrets: "SECRET"
        }
    }

    /// What is allowed, for error messages and tables.
    package var allowed: String {
        switch self {
        case .string: "text without control characters, up to 1024 bytes"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration such as 500ms, 8s or 2m, from \(SettingValue.duration(range.lowerBound))"
                + " to \(SettingValue.duration(range.upperBound))"
        case .bytes(let range):
            "a size such as 1000, 64KiB or 1MiB, from \(SettingValue.bytes(range.lowerBound))"
                + " to \(SettingValue.bytes(range.upperBound))"
        case .choice(let choices): choices.joined(separator: ", ")
        case .boolean: "true or false"
        case .hosts: "HOST:PORT, several separated by commas"
        case .address: "IPV4:PORT, [IPV6]:PORT, localhost:PORT (port 0 takes a free one) or unix:/PATH"
        case .networks: "10.0.0.0/8, 2001:db8::/32, single addresses or unix, separated by commas"
        case .urlPath: "a path that begins with /, without ? and #"
        case .url: "http://HOST[:PORT]/PATH or https://, without user name and password"
        case .topicName, .groupName: "1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'"
        case .file: "the path of a file"
        case .fingerprint: "12 hexadecimal digits, as subscription pending and list show them"
        case .options: "NAME=VALUE with one of librdkafka's names"
        case .rate: "a rate such as 500/s, 500 or 30/m, above 0 and up to 10000000/s"
        case .number(let range):
            "a number from \(SettingValue.number(range.lowerBound)) to \(SettingValue.number(range.upperBound))"
        case .factor: "a factor such as 10x, 10 or 0.5x, above 0 and up to 1000000x"
        case .position: "beginning, end, a time such as 2026-10-06T09:02:47Z, or milliseconds since 1970"
        case .time: "a time such as 2026-10-06T09:02:47Z, or milliseconds since 1970"
        case .recordFormat: "table, json, or text with tokens and escapes such as '%o %k\\n', up to 1024 bytes"
        case .pattern: "a regular expression without control characters, up to 1024 bytes"
        case .secret: "visible ASCII without commas, up to 512 bytes"
        case .secrets: "visible ASCII, up to 512 bytes each, up to 16 separated by commas"
        }
    }

    /// What stands for parts of a record and for bytes in the text of ``recordFormat``.
    package static let recordTokens =
        "%t topic, %p partition, %o offset, %T milliseconds, %k key, %K its length, %s value, %S its length, "
        + "%R that in four bytes, %h headers, %{NAME} a header, %%; \\n \\r \\t \\\\ \\xHH"

    static let durationUnits: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    static let byteUnits: [(name: String, factor: Int)] = [
        ("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]
}
