extension SettingsTable {
    static let replay: [Setting] = replayWindow + recordFilter(.replay, .replay) + replayTarget + replayRun

    private static let replayWindow: [Setting] = [
        .scoped(
            .replay,
            .replayFromTopic,
            "from-topic",
            .topicName,
            note: "notion.events.v1",
            "Topic whose history is read."
        ),
        .scoped(
            .replay,
            .replayFrom,
            "from",
            .position,
            note: "see --offsets, --last",
            "First record time of the window, or beginning."
        ),
        .scoped(
            .replay,
            .replayTo,
            "to",
            .position,
            note: "end",
            "Record time before which the window ends; the end is the one at the start of the replay."
        ),
        .scoped(
            .replay,
            .replayOffsets,
            "offsets",
            .string,
            note: "see --from, --last",
            "Window by offsets, both included: 3:100-199,4:0- (partition, first, last; no last one is the end)."
        ),
        .scoped(
            .replay,
            .replayLast,
            "last",
            .integer(1...1_000_000_000),
            note: "see --from, --offsets",
            "Window of the last so many offsets of each partition."
        ),
    ]

    private static let replayTarget: [Setting] = [
        .scoped(.replay, .replayToTopic, "to-topic", .topicName, note: "one of the three", "Topic to send to."),
        .scoped(
            .replay,
            .replayToURL,
            "to-url",
            .url,
            note: "one of the three",
            "Service to post to, as forward does it: signed, in order for each entity, with retries."
        ),
        .scoped(
            .replay,
            .replayAllow,
            "allow-hosts",
            .string,
            note: "the URL's own host and port",
            "Hosts that may be posted to: HOST[:PORT] or *.DOMAIN, separated by commas."
        ),
        .scoped(
            .replay,
            .replayTimeout,
            "request-timeout",
            .duration(.milliseconds(100)...(.seconds(600))),
            default: "15s",
            "Longest time for a request and its whole answer."
        ),
        .scoped(
            .replay,
            .replayAuthorities,
            "ca-file",
            .file,
            note: "the system's",
            "PEM authorities that an https service is verified against."
        ),
        .scoped(.replay, .replayToStdout, "to-stdout", .boolean, default: "false", "Print the records."),
        .scoped(
            .replay,
            .replaysMax,
            "max-replays",
            .integer(1...1_000_000),
            note: "3",
            "Records that were replayed this often already are left out, so that a loop ends."
        ),
        .scoped(
            .replay,
            .replayRenormalize,
            "renormalize",
            .boolean,
            default: "false",
            "Read stored bodies of a dead-letter topic: verify them again and send the events that they are today."
        ),
    ]

    private static let replayRun: [Setting] = [
        .scoped(.replay, .replayRate, "rate", .rate, note: "no limit", "Records a second; excludes --speed."),
        .scoped(
            .replay,
            .replaySpeed,
            "speed",
            .factor,
            note: "as fast as the target",
            "The original pace, by record times, so many times as fast: 10x."
        ),
        .scoped(
            .replay,
            .replayPlan,
            "plan",
            .boolean,
            default: "false",
            "Show the window of each partition, and read and send nothing."
        ),
        .scoped(
            .replay,
            .replayDryRun,
            "dry-run",
            .boolean,
            default: "false",
            "Read and count what would be sent, and send nothing."
        ),
        .scoped(
            .replay,
            .replayResume,
            "resume",
            .groupName,
            note: "no checkpoint",
            "Name under which the replay keeps how far it is: begins it, or goes on with it on any machine."
        ),
        .scoped(
            .replay,
            .replayCheckpointTopic,
            "checkpoint-topic",
            .topicName,
            default: "notion.replays.v1",
            "Compacted topic for that; created when it is missing."
        ),
        .scoped(
            .replay,
            .replayFormat,
            "format",
            .recordFormat,
            note: "text, or json with --to-stdout",
            "Form of plan and summary: text or json; with --to-stdout of the records, as tail has it."
        ),
    ]
}
