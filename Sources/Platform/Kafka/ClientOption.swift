/// One librdkafka option that a typed setting owns.
struct ClientOption {
    let name: String
    let aliases: [String]
    let value: String

    init(_ name: String, aliases: [String] = [], _ value: String) {
        self.name = name
        self.aliases = aliases
        self.value = value
    }

    init(_ name: String, aliases: [String] = [], _ value: Int) {
        self.init(name, aliases: aliases, String(value))
    }

    init(_ name: String, aliases: [String] = [], _ value: Bool) {
        self.init(name, aliases: aliases, value ? "true" : "false")
    }

    func owns(_ other: String) -> Bool { name == other || aliases.contains(other) }
}

/// Which options hold secrets, judged by their names.
enum SecretOption {
    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key", "sasl.oauthbearer"].contains { name.contains($0) }
    }
}
