extension SettingsTable {
    static let tail = tailOnly + recordFilter(.tail, .tail)

    private static let tailOnly: [Setting] = [
        .scoped(.tail, .tailFrom, "from", .position, default: "end", "Where to start reading."),
        .scoped(
            .tail,
            .tailLast,
            "last",
            .integer(1...1_000_000_000),
            note: "as --from says",
            "Start that many offsets before the end of each partition, in place of --from."
        ),
        .scoped(
            .tail,
            .tailCount,
            "count",
            .integer(1...1_000_000_000),
            note: "no limit",
            "Stop after showing this many records."
        ),
        .scoped(
            .tail,
            .tailExitAtEnd,
            "exit-at-end",
            .boolean,
            default: "false",
            "Stop when every partition was read to its end."
        ),
        .scoped(
            .tail,
            .tailFormat,
            "format",
            .recordFormat,
            default: "table",
            "Form of the output: aligned columns, one JSON object a line, or a text with tokens: "
                + SettingType.recordTokens + ". A text ends no line by itself."
        ),
        .scoped(
            .tail,
            .tailColor,
            "color",
            .choice(["auto", "always", "never"]),
            default: "auto",
            "Colours in the table; auto: on a terminal, unless NO_COLOR is set."
        ),
        Setting(
            .tailGrep,
            yaml: nil,
            flag: "grep",
            scope: "tail",
            .pattern,
            note: "all",
            "Only records in whose key, headers or value, as text, this regular expression is found.",
            for: [.tail]
        ),
        .scoped(
            .tail,
            .tailStats,
            "stats",
            .boolean,
            default: "false",
            "Say at the end on stderr how much was read and shown; on a terminal that is said anyway."
        ),
    ]
}
