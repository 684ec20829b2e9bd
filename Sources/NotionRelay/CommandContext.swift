import Kafka
import Operations

/// What every command is given: its checked settings, and the log for notices.
struct CommandContext {
    let settings: ResolvedSettings
    let log: Log

    /// How this run reaches the brokers named by --kafka.
    var client: ClientSettings {
        ClientSettings(bootstrapServers: settings.strings(.kafka), extra: settings.map(.kafkaOptions))
    }
}

/// What went wrong, for the last line on stderr; the exit status is 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
