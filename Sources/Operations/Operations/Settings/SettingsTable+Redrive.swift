extension SettingsTable {
    static let redrive: [Setting] = [
        .scoped(
            .redrive,
            .redriveEntity,
            "entity",
            .string,
            note: "all",
            "Only dead letters of this entity (the record's key)."
        ),
        .scoped(.redrive, .redriveType, "type", .string, note: "all", "Only dead letters of these event types: page.*"),
        .scoped(
            .redrive,
            .redriveReason,
            "reason",
            .string,
            note: "all",
            "Only dead letters with these reasons, by commas."
        ),
        .scoped(
            .redrive,
            .redrivesMax,
            "max-redrives",
            .integer(1...1_000_000),
            default: "3",
            "Dead letters that were sent back this often already stay where they are."
        ),
        .scoped(.redrive, .redriveRate, "rate", .rate, note: "no limit", "Records a second."),
        .scoped(
            .redrive,
            .redriveDryRun,
            "dry-run",
            .boolean,
            default: "false",
            "Count what would be sent, and send nothing."
        ),
        .scoped(
            .redrive,
            .redriveWait,
            "wait",
            .duration(.zero...(.seconds(86_400))),
            default: "1m",
            "Longest wait for the group to handle what was sent, so that keys are unparked; 0ms does not wait."
        ),
        Setting(
            .redriveFormat,
            yaml: nil,
            flag: "format",
            scope: "redrive",
            .choice(["text", "json"]),
            default: "text",
            "Form of the summary.",
            for: [.redrive]
        ),
    ]
}
