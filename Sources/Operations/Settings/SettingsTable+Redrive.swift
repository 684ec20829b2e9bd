extension SettingsTable {
    static let redrive: [Setting] = [
        redrive(.redriveEntity, "entity", .string, note: "all", "Only dead letters of this entity (the record's key)."),
        redrive(.redriveType, "type", .string, note: "all", "Only dead letters of these event types: page.*"),
        redrive(.redriveReason, "reason", .string, note: "all", "Only dead letters with these reasons, by commas."),
        redrive(
            .redrivesMax,
            "max-redrives",
            .integer(1...1_000_000),
            default: "3",
            "Dead letters that were sent back this often already stay where they are."
        ),
        redrive(.redriveRate, "rate", .rate, note: "no limit", "Records a second."),
        redrive(.redriveDryRun, "dry-run", .boolean, default: "false", "Count what would be sent, and send nothing."),
        redrive(
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

    private static func redrive(
        _ key: SettingKey,
        _ flag: String,
        _ type: SettingType,
        default defaultText: String? = nil,
        note: String = "",
        _ sentence: String
    ) -> Setting {
        Setting(
            key,
            yaml: nil,
            flag: flag,
            scope: "redrive",
            type,
            default: defaultText,
            note: note,
            sentence,
            for: [.redrive]
        )
    }
}
