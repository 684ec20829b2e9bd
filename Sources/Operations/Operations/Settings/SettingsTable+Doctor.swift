extension SettingsTable {
    static let doctor: [Setting] = [
        .scoped(
            .doctor,
            .doctorURL,
            "url",
            .url,
            note: "not asked",
            "The address that the subscription in Notion points at; it gets a request that the edge refuses."
        ),
        .scoped(
            .doctor,
            .doctorAuthorities,
            "ca-file",
            .file,
            note: "the system's",
            "PEM authorities that an https address is verified against."
        ),
        Setting(
            .doctorAPIToken,
            yaml: nil,
            flag: "api-token-file",
            .secrets,
            note: "not asked",
            "Token of the connection, to ask Notion's API for access and capabilities; one.",
            for: [.doctor]
        ),
        .scoped(
            .doctor,
            .doctorAPIURL,
            "api-url",
            .url,
            default: "https://api.notion.com",
            "Notion's API; http for loopback addresses only."
        ),
        .scoped(
            .doctor,
            .doctorSince,
            "since",
            .duration(.seconds(1)...(.seconds(8_760 * 3_600))),
            default: "168h",
            "How far back the topics are read."
        ),
        .scoped(
            .doctor,
            .doctorTimeout,
            "timeout",
            .duration(.milliseconds(100)...(.seconds(300))),
            default: "10s",
            "Longest time for an answer to each question that is asked."
        ),
        .scoped(.doctor, .doctorFormat, "format", .choice(["text", "json"]), default: "text", "Form of the findings."),
    ]
}
