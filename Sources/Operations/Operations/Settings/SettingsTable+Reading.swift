private let forTail = SettingArea(scope: "tail", section: "tail", commands: [.tail])
private let forReplay = SettingArea(scope: "replay", commands: [.replay])

package enum ColorChoice: String, CaseIterable, Sendable {
    case auto, always, never
}

extension SettingsTable {
    package struct Tail: Sendable {
        package let from = forTail("from", .position, default: "end").help("Where to start reading.")
        package let last = forTail("last", .integer(1...1_000_000_000), note: "as --from says")
            .help("Start that many offsets before the end of each partition, in place of --from.")
        package let count = forTail("count", .integer(1...1_000_000_000), note: "no limit")
            .help("Stop after showing this many records.")
        package let exitAtEnd = forTail.boolean("exit-at-end").help("Stop when every partition was read to its end.")
        package let format = forTail("format", .recordFormat, default: "table")
            .help(
                "Form of the output: aligned columns, one JSON object a line, or a text with tokens: "
                    + SettingType.recordTokens + ". A text ends no line by itself."
            )
        package let color = forTail("color", .choice(ColorChoice.self), default: "auto")
            .help("Colours in the table; auto: on a terminal, unless NO_COLOR is set.")
        package let grep = forTail("grep", .pattern, note: "all").yaml(nil)
            .help("Only records in whose key, headers or value, as text, this regular expression is found.")
        package let stats = forTail.boolean("stats")
            .help("Print at the end on stderr how much was read and shown; a terminal always shows it.")
        package let filter = RecordFilter(scope: "tail", command: .tail)
    }

    /// What is looked for is given anew each time: a filter in a file would hide records from people who forgot it.
    package struct RecordFilter: Sendable {
        package let entity: Setting<String?>
        package let type: Setting<String?>
        package let workspace: Setting<String?>
        package let id: Setting<String?>
        package let occurredFrom: Setting<Int64?>
        package let occurredTo: Setting<Int64?>

        init(scope: String, command: Command) {
            let area = SettingArea(scope: scope, commands: [command])
            entity = area("entity", .string, note: "all")
                .help("Only records of these entities: ids in any form, or addresses of pages, comma-separated.")
            type = area("type", .string, note: "all")
                .help("Only records of these event types: page.created,comment.*")
            workspace = area("workspace", .string, note: "all")
                .help("Only records of these workspaces, comma-separated.")
            id = area("id", .string, note: "all").help("Only records of the events with these ids, comma-separated.")
            occurredFrom = area("occurred-from", .time, note: "no limit")
                .help("Only records of what happened at this time or later.")
            occurredTo = area("occurred-to", .time, note: "no limit")
                .help("Only records of what happened before this time.")
        }
    }

    package struct Replay: Sendable {
        package let from = forReplay("from", .position, note: "see --offsets, --last")
            .help("First record time of the window, or beginning.")
        package let to = forReplay("to", .position, note: "end")
            .help("Record time before which the window ends; the end is the one at the start of the replay.")
        package let offsets = forReplay("offsets", .string, note: "see --from, --last")
            .help(
                "Window by offsets, both included: 3:100-199,4:0- (partition, first, last; without a last, to the end)."
            )
        package let last = forReplay("last", .integer(1...1_000_000_000), note: "see --from, --offsets")
            .help("Window of the last N offsets of each partition.")
        package let filter = RecordFilter(scope: "replay", command: .replay)

        package let toTopic = forReplay("to-topic", .topicName, note: "one of the three").help("Topic to send to.")
        package let toURL = forReplay("to-url", .url, note: "one of the three")
            .help("Service to post to, as forward does: signed, in order for each entity, with retries.")
        package let service = Service(forReplay)
        package let toStdout = forReplay.boolean("to-stdout").help("Print the records.")
        package let replaysMax = forReplay("max-replays", .integer(1...1_000_000), note: "3")
            .help("Records that were replayed this many times already are left out, so that a loop ends.")
        package let renormalize = forReplay.boolean("renormalize")
            .help(
                "Read stored bodies of a dead-letter topic: verify them again and send the events that they are today."
            )

        package let rate = forReplay("rate", .rate, note: "no limit").help("Records a second; excludes --speed.")
        package let speed = forReplay("speed", .factor, note: "as fast as the target")
            .help("Multiple of the original pace, by record times: 10x.")
        package let plan = forReplay.boolean("plan")
            .help("Show the window of each partition, and read and send nothing.")
        package let dryRun = forReplay.boolean("dry-run")
            .help("Read and count what would be sent, and send nothing.")
        package let resume = forReplay("resume", .groupName, note: "no checkpoint")
            .help("Name under which the replay keeps its checkpoint: starts it, or resumes it on any machine.")
        package let checkpointTopic = forReplay("checkpoint-topic", .topicName, default: "notion.replays.v1")
            .help("Compacted topic of the checkpoints; created when it is missing.")
        package let format = forReplay("format", .recordFormat, note: "text, or json with --to-stdout")
            .help("Form of plan and summary: text or json; with --to-stdout of the records, as tail has it.")
    }
}
