extension SettingsTable {
    static let simulate: [Setting] = [
        .scoped(.simulate, .simulateURL, "url", .url, isRequired: true, "Endpoint that the deliveries are posted to."),
        .scoped(
            .simulate,
            .simulateAuthorities,
            "ca-file",
            .file,
            note: "the system's",
            "PEM authorities that an https endpoint is verified against."
        ),
        .scoped(
            .simulate,
            .simulateToken,
            "token",
            .secret,
            isRequired: true,
            "Verification token that signs the deliveries."
        ),
        .scoped(
            .simulate,
            .simulateCount,
            "count",
            .integer(1...1_000_000_000),
            default: "1000",
            "Deliveries to send, tampered ones among them; retries and duplicates come on top."
        ),
        .scoped(
            .simulate,
            .simulateEntities,
            "entities",
            .integer(1...10_000_000),
            default: "100",
            "Entities that the events are about."
        ),
        .scoped(
            .simulate,
            .simulateSeed,
            "seed",
            .integer(0...Int.max),
            default: "1",
            "Start of the random numbers: the same seed gives the same bytes."
        ),
        .scoped(
            .simulate,
            .simulateRate,
            "rate",
            .rate,
            note: "as fast as answers come",
            "First attempts a second (open loop)."
        ),
        .scoped(
            .simulate,
            .simulateConnections,
            "connections",
            .integer(1...4096),
            default: "16",
            "Kept-alive connections; an entity stays on one."
        ),
        .scoped(
            .simulate,
            .simulateDuplicate,
            "duplicate",
            .number(0...1),
            default: "0.02",
            "Share of deliveries sent twice."
        ),
        .scoped(
            .simulate,
            .simulateTamper,
            "tamper",
            .number(0...1),
            default: "0.01",
            "Share of deliveries in which a byte is changed after signing."
        ),
        .scoped(
            .simulate,
            .simulateTimeScale,
            "time-scale",
            .number(0...1),
            default: "0.001",
            "Factor on the 24-hour retry schedule; 0.001 makes it 86 seconds."
        ),
        Setting(
            .simulateDeadline,
            yaml: "simulate.deadline",
            flag: "deadline",
            scope: "simulate",
            .duration(.seconds(1)...(.seconds(86_400))),
            default: "10m",
            "Longest run; what is not done by then counts as failed.",
            for: [.simulateDeliver, .simulateCheck]
        ),
        Setting(
            .simulateLedger,
            yaml: "simulate.ledger",
            flag: "ledger",
            scope: "simulate",
            .file,
            isRequired: true,
            "JSON-lines file of what was sent and answered.",
            for: [.simulateDeliver, .simulateCheck]
        ),
    ]
}
