internal import NotionEvents

/// Flags, environment names, YAML paths, help, docs/settings.md and `config print` are all read from here, so that none
/// can drift. Code reads a setting's value by its place here: `settings[\.tail.from]`.
package struct SettingsTable: Sendable {
    package let config = forAll("config", .file).yaml(nil)
        .help("YAML file with settings; flags and environment override it.")
    package let logFormat = forAll("log-format", .choice(LogFormat.self), note: "text on a terminal, json otherwise")
        .yaml("log.format").help("Form of the log lines on stderr.")
    package let logLevel = forAll("log-level", .logLevel, default: "info")
        .yaml("log.level").help("Least severe log line that is written.")
    package let configFormat = SettingArea(scope: "config", commands: [.configPrint]).format
        .help("Form of the output.")

    package let kafka = forBrokers.required("kafka", .hosts)
        .yaml("kafka.bootstrap_servers").replaces("bootstrap.servers", "metadata.broker.list")
        .help("Brokers to start from.")
    package let kafkaOptions = forBrokers("kafka-option", .options)
        .yaml("kafka.options")
        .help("Any other librdkafka option by its own name, such as security.protocol; may be repeated.")
    package let topic = forTopics("topic", .topicName, default: NotionEvents.Topics.events)
        .alias("from-topic", scope: "replay", of: .replay)
        .help("Topic of the events.")
    package let deadLetterTopic = forTopics("dead-letter-topic", .topicName, default: NotionEvents.Topics.deadLetter)
        .taken(by: [.receive, .topicsPlan, .topicsApply, .dev, .doctor])
        .help("Topic of deliveries that were verified and could not be understood.")

    package let edge = Edge()
    package let tls = TLS(
        "tls",
        for: Command.edge,
        certificate: "PEM certificates of the public port, its own first; with it the port speaks TLS only.",
        key: "PEM key of that certificate, without a passphrase.",
        port: "public"
    )
    package let operationsTLS = TLS(
        "operations-tls",
        for: Command.edge + [.forward],
        certificate: "PEM certificates of the operations port, its own first; with it the port speaks TLS only.",
        key: "PEM key of the operations port's certificate.",
        port: "operations"
    )
    package let limits = Limits()
    package let producer = Producer()
    package let consumer = Consumer()
    package let forward = Forward()
    package let redrive = Redrive()
    package let replay = Replay()
    package let groups = Groups()
    package let topics = Topics()
    package let subscription = Subscription()
    package let tail = Tail()
    package let simulate = Simulate()
    package let doctor = Doctor()
    package let inspect = Inspect()
}

private let forAll = SettingArea(section: "", commands: Command.allCases.filter(\.hasSettings))
private let forBrokers = SettingArea(section: "", commands: Command.withBroker + Command.withSubscriptions)
private let forTopics = SettingArea(section: "", commands: Command.withBroker + [.subscriptionList, .inspect, .dev])

extension Command {
    fileprivate static let withBroker: [Command] = [
        .receive, .topicsPlan, .topicsApply, .tail, .simulateCheck, .forward, .redrive, .groups, .groupsPause,
        .groupsResume, .replay, .doctor,
    ]

    static let withSubscriptions: [Command] = [
        .subscriptionPending, .subscriptionList, .subscriptionActivate, .subscriptionRetire, .subscriptionImport,
    ]

    static let edge: [Command] = [.receive, .dev]
}

extension SettingsTable {
    package static let shared = SettingsTable()

    package static let all: [SettingRow] = rows(in: shared)

    package static func settings(of command: Command) -> [SettingRow] { all.filter { $0.commands.contains(command) } }

    /// By reflection, in the order in which they are written: a setting that is declared cannot be missing.
    private static func rows(in group: Any) -> [SettingRow] {
        Mirror(reflecting: group).children.flatMap { child in
            (child.value as? any RowHolder).map { [$0.row] } ?? rows(in: child.value)
        }
    }
}

private protocol RowHolder {
    var row: SettingRow { get }
}

extension Setting: RowHolder {}
