import CRdKafka

/// A `rd_kafka_conf_t` being filled; ends either in a client or freed.
struct ClientConfiguration: ~Copyable {
    private let pointer: OpaquePointer
    private var tokenLogin: TokenLogin?

    private init() { pointer = rd_kafka_conf_new() }

    /// Checks the options that all clients have, without making one: nothing is connected to, and no file is read.
    static func check(_ settings: ClientSettings) throws(KafkaError) { _ = try filled(settings, [], events: 0) }

    /// Sets typed options first, then the pass-through ones. A name set both ways is refused.
    static func filled(
        _ settings: ClientSettings,
        _ options: [ClientOption],
        events: Int32,
        watch: JoinWatch? = nil
    ) throws(KafkaError) -> ClientConfiguration {
        var configuration = ClientConfiguration()
        let owned = settings.options + options
        for option in owned { try configuration.set(option.name, option.value) }
        for (name, value) in settings.extra.sorted(by: { $0.key < $1.key }) {
            if let owner = owned.first(where: { $0.owns(name) }) {
                throw KafkaError(RD_KAFKA_RESP_ERR__CONFLICT, detail: conflict(name, owner))
            }
            try configuration.set(name, value)
        }
        let pointer = configuration.pointer
        configuration.tokenLogin = TokenLogin { value($0, in: pointer) }
        try configuration.tokenLogin?.check()
        rd_kafka_conf_set_events(configuration.pointer, events)
        watch?.watch(configuration.pointer)
        return configuration
    }

    deinit { rd_kafka_conf_destroy(pointer) }

    private func set(_ name: String, _ value: String) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        let result = rd_kafka_conf_set(pointer, name, value, &text, text.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        var message = text.textUpToNUL
        if SecretOption.isSecret(name, value) || name.contains("oauthbearer") {
            message = SecretOption.redacted(value, of: name, in: message, bytesMax: text.count - 1)
        } else if result != RD_KAFKA_CONF_UNKNOWN, !message.contains(value) {
            message += ": \"\(value)\""
        }
        throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, detail: message)
    }

    /// An option's value in force, whichever of its names it was set by; nil where this librdkafka has no such option.
    private static func value(_ name: String, in pointer: OpaquePointer) -> String? {
        // Limit: more than the options that are asked for can have.
        var text = [CChar](repeating: 0, count: 512)
        var count = text.count
        guard rd_kafka_conf_get(pointer, name, &text, &count) == RD_KAFKA_CONF_OK else { return nil }
        return text.textUpToNUL
    }

    private static func conflict(_ name: String, _ owner: ClientOption) -> String {
        let alias = owner.name == name ? "" : " (another name of \(owner.name))"
        return "\(name)\(alias) is already set to \(owner.value) by its own setting and must not be passed through"
    }

    /// Makes the client, which takes the configuration over.
    consuming func makeClient(_ type: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        let makesTokens = tokenLogin?.makesTokens ?? false
        if makesTokens { TokenLogin.makeTokens(pointer) }
        guard let client = rd_kafka_new(type, pointer, &text, text.count) else {
            let error = KafkaError(rd_kafka_last_error(), detail: text.textUpToNUL)
            _ = consume self
            throw error
        }
        discard self
        if makesTokens { rd_kafka_error_destroy(rd_kafka_sasl_background_callbacks_enable(client)) }
        return client
    }
}

extension [CChar] {
    /// The text up to the terminating NUL that a C function wrote.
    var textUpToNUL: String { String(decoding: self.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}

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

    init(_ name: String, aliases: [String] = [], _ value: Int) { self.init(name, aliases: aliases, String(value)) }

    init(_ name: String, aliases: [String] = [], _ value: Bool) {
        self.init(name, aliases: aliases, value ? "true" : "false")
    }

    func owns(_ other: String) -> Bool { name == other || aliases.contains(other) }
}

/// Which options hold secrets, judged by their names, also those of plugins, and by what stands in them.
package enum SecretOption {
    /// Values of these are keys, free text of a login, commands or addresses, any of which may hold a secret.
    private static let words = [
        "password", "passphrase", "passwd", "secret", "credential", "token", "jaas", ".pem", "key",
        "oauthbearer.config",
        "oauthbearer.extensions", "kinit.cmd", "callback_data",
    ]

    /// Paths, whatever else is in their names: `ssl.key.location`, `sasl.oauthbearer.assertion.private.key.file`.
    private static let endingsOfPaths = [".location", ".file", ".keytab"]

    package static func isSecret(_ name: String, _ value: String) -> Bool { isSecret(name) || holdsSecret(value) }

    private static func isSecret(_ name: String) -> Bool {
        words.contains { name.contains($0) } && !endingsOfPaths.contains { name.hasSuffix($0) }
    }

    /// A private key, or an address with a user in front of its host; a query may hold anything.
    private static func holdsSecret(_ value: String) -> Bool {
        value.contains("PRIVATE KEY") || value.contains("://") && (value.contains("@") || value.contains("?"))
    }

    /// librdkafka's sentence about an option without its value, which stands there in quotation marks. A sentence that
    /// was cut short may hold a part of it, and is left out.
    static func redacted(_ value: String, of name: String, in sentence: String, bytesMax: Int) -> String {
        let message = sentence.replacing("\"\(value)\"", with: "(value redacted)")
        guard sentence.utf8.count < bytesMax, value.utf8.count < 4 || !message.contains(value) else {
            return "invalid value for configuration property \"\(name)\" (value redacted)"
        }
        return message
    }
}
