private let forDelivering = SettingArea(scope: "simulate", section: "simulate", commands: [.simulateDeliver])
private let forSimulating = SettingArea(
    scope: "simulate",
    section: "simulate",
    commands: [.simulateDeliver, .simulateCheck]
)
private let forDoctor = SettingArea(scope: "doctor", commands: [.doctor])
private let forInspect = SettingArea(scope: "inspect", commands: [.inspect])

extension SettingsTable {
    package struct Simulate: Sendable {
        package let url = forDelivering.required("url", .url).help("Endpoint that the deliveries are posted to.")
        package let authorities = forDelivering.authorities("an https endpoint is")
        package let token = forDelivering.required("token", .secret)
            .help("Verification token that signs the deliveries.")
        package let count = forDelivering("count", .integer(1...1_000_000_000), default: "1000")
            .help("Deliveries to send, including tampered ones; retries and duplicates are extra.")
        package let entities = forDelivering("entities", .integer(1...10_000_000), default: "100")
            .help("Entities that the events are about.")
        package let seed = forDelivering("seed", .integer(0...Int.max), default: "1")
            .help("Start of the random numbers: the same seed gives the same bytes.")
        package let rate = forDelivering("rate", .rate, note: "as fast as answers come")
            .help("First attempts a second (open loop).")
        package let connections = forDelivering("connections", .integer(1...4096), default: "16")
            .help("Kept-alive connections; an entity stays on one.")
        package let duplicate = forDelivering("duplicate", .number(0...1), default: "0.02")
            .help("Share of deliveries sent twice.")
        package let tamper = forDelivering("tamper", .number(0...1), default: "0.01")
            .help("Share of deliveries in which a byte is changed after signing.")
        package let timeScale = forDelivering("time-scale", .number(0...1), default: "0.001")
            .help("Factor on the 24-hour retry schedule; 0.001 makes it 86 seconds.")
        package let deadline = forSimulating("deadline", .seconds(1...86_400), default: "10m")
            .help("Longest run; what is not done by then counts as failed.")
        package let ledger = forSimulating.required("ledger", .file)
            .help("JSON-lines file of what was sent and answered.")
    }

    package struct Doctor: Sendable {
        package let url = forDoctor("url", .url, note: "not asked")
            .help("Webhook URL of the subscription in Notion; it is sent a request that the edge refuses.")
        package let authorities = forDoctor.authorities("an https address is")
        package let apiToken = SettingArea(commands: [.doctor]).list("api-token-file", .secrets, note: "not asked")
            .help("Token of the connection, to ask Notion's API for access and capabilities; one.")
        package let apiURL = forDoctor("api-url", .url, default: "https://api.notion.com")
            .help("Notion's API; http for loopback addresses only.")
        package let since = forDoctor("since", .seconds(1...8_760 * 3_600), default: "168h")
            .help("How far back the topics are read.")
        package let timeout = forDoctor("timeout", .milliseconds(100...300_000), default: "10s")
            .help("Longest wait for the answer to each request.")
        package let format = forDoctor.format.help("Form of the findings.")
    }

    package struct Inspect: Sendable {
        package let file = forInspect.required("file", .file).positional
            .help("File with the body as it was received; - is stdin.")
        package let signature = forInspect("signature", .string, note: "not checked")
            .help("Value of the header X-Notion-Signature that came with it.")
        package let format = forInspect.format.help("Form of the output.")
    }
}

extension SettingArea {
    func authorities(_ subject: String) -> Setting<String?> {
        self("ca-file", .file, note: "the system's")
            .help("PEM authorities that \(subject) verified against.")
    }
}
