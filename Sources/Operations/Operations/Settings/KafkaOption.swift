/// What is known here about librdkafka's own options; their values are checked by librdkafka.
enum KafkaOption {
    /// Options that have a setting of their own: naming them as well could only contradict it.
    static let withOwnSetting: [String: SettingKey] = [
        "bootstrap.servers": .kafka, "metadata.broker.list": .kafka,
        "linger.ms": .linger, "queue.buffering.max.ms": .linger,
        "message.timeout.ms": .messageTimeout, "delivery.timeout.ms": .messageTimeout,
        "compression.type": .compression, "compression.codec": .compression,
        "statistics.interval.ms": .statisticsInterval,
    ]

    static func isName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    /// Whether the option's value is hidden wherever settings are shown.
    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "token", ".key", "ssl_key", ".pem", "oauthbearer.config", "jaas"].contains {
            name.contains($0)
        }
    }

    /// `SASL_PASSWORD` of a variable is `sasl.password`.
    static func name(ofVariable suffix: Substring) -> String {
        suffix.lowercased().replacing("_", with: ".")
    }
}
