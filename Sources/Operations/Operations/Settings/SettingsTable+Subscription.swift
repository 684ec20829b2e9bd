extension SettingsTable {
    /// Those that look at the subscriptions topic.
    static let subscriptionCommands: [Command] = [
        .subscriptionPending, .subscriptionList, .subscriptionActivate, .subscriptionRetire, .subscriptionImport,
    ]

    /// What is said anew each time has no place in a file.
    static let subscription: [Setting] = [
        Setting(
            .subscriptionFingerprint,
            yaml: nil,
            flag: "fingerprint",
            scope: "subscription",
            .fingerprint,
            isPositional: true,
            "The token that is meant, by its fingerprint.",
            for: [.subscriptionActivate, .subscriptionRetire]
        ),
        Setting(
            .subscriptionName,
            yaml: nil,
            flag: "name",
            scope: "subscription",
            .string,
            note: "the last part of the path that the handshake came to",
            "What the subscription is called: a-z, 0-9, '.', '_' and '-', up to 64.",
            for: [.subscriptionActivate, .subscriptionImport]
        ),
        Setting(
            .subscriptionRetireAt,
            yaml: nil,
            flag: "at",
            scope: "subscription",
            .time,
            note: "now",
            "From when on the token verifies no more.",
            for: [.subscriptionRetire]
        ),
        Setting(
            .subscriptionReveal,
            yaml: nil,
            flag: "reveal",
            scope: "subscription",
            .boolean,
            default: "false",
            "Show the tokens themselves; needs the sealing key.",
            for: [.subscriptionPending]
        ),
        Setting(
            .subscriptionSince,
            yaml: nil,
            flag: "since",
            scope: "subscription",
            .duration(.seconds(1)...(.seconds(2_592_000))),
            default: "24h",
            "How far back the events are counted, by their time of receipt.",
            for: [.subscriptionList]
        ),
        Setting(
            .subscriptionFormat,
            yaml: nil,
            flag: "format",
            scope: "subscription",
            .choice(["text", "json"]),
            default: "text",
            "Form of the output.",
            for: [.subscriptionPending, .subscriptionList]
        ),
    ]
}
