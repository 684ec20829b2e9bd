import Foundation
import Kafka
import NotionWebhooks
import Operations
import OutgoingWebhooks
import RecordOutput
import Replayer
import Timestamps

/// `replay`: a stretch of a topic's history again, to its end or until the command is stopped.
struct ReplayCommand {
    let context: CommandContext

    // Limit: what is in flight is waited for and the checkpoint written; a service's time-out is 10 s by default.
    static let stopDeadline = Duration.seconds(30)

    private var settings: ResolvedSettings { context.settings }
    private var name: String? { settings[\.replay.resume] }
    private var isPlan: Bool { settings[\.replay.plan] }
    private var isDryRun: Bool { settings[\.replay.dryRun] }

    /// Fails when something could not be sent, and when it was interrupted.
    func run() async throws -> ExitStatus {
        let stop = StopSignal(deadline: Self.stopDeadline)
        let given = try GivenReplay(settings)
        let pace = try self.pace()
        let known = try await begun()
        var options = try ReplayOptions(client: context.client, request: request(given, known))
        if let known, known.checkpoint.state == .done {
            notice("the replay \(known.checkpoint.name) is finished; a new one needs another name")
            return .success
        }
        options.pace = pace
        options.isDryRun = isDryRun
        options.name = isDryRun ? nil : name
        options.checkpointTopic = settings[\.replay.checkpointTopic]
        if options.request.renormalizing != nil { options.tokens = try tokens() }
        if options.request.target == .stdout { stop.setDeadline(TailCommand.stopDeadline) }
        let form = try ReplayForm(settings, printsRecords: options.request.target == .stdout && !isDryRun && !isPlan)
        let status = ProgressNotices(every: .milliseconds(400))
        let hooks = ReplayHooks(
            isStopped: { stop.isRaised },
            progress: { progress in status.show(lines: { progress.lines }, json: { progress.json }) },
            notice: { StandardStreams.notice($0) }
        )
        let replay = Replay(options, hooks: hooks, now: Timestamp.now)
        let plan =
            if let known { ReplayPlan(resuming: known) } else {
                try await replay.plan(id: name ?? UUID().uuidString.lowercased())
            }
        let makeTarget = try await target(plan, form)
        guard !isPlan else {
            for line in plan.notices { notice(line) }
            StandardStreams.data(form.isJSON ? plan.json : plan.lines.joined(separator: "\n"))
            return .success
        }
        for line in plan.lines + plan.notices { notice(line) }
        let summary = try await replay.run(plan, to: makeTarget)
        status.end()
        report(summary, plan, form)
        return summary.isOK ? .success : .failure
    }

    private func notice(_ line: String) { StandardStreams.notice(line) }

    private func begun() async throws -> CheckpointTopic.Known? {
        guard let name else { return nil }
        let topic = CheckpointTopic(context.client, topic: settings[\.replay.checkpointTopic])
        return try await topic.newest(name) {
            notice("the replay \(name) was running at its last checkpoint; waiting to see whether it still is")
        }
    }

    private func request(_ given: GivenReplay, _ known: CheckpointTopic.Known?) throws -> ReplayRequest {
        guard let known, let name else {
            if let name, given.isEmpty { throw ReplayError.unknown(name: name) }
            return try given.request(isCountOnly: isDryRun || isPlan)
        }
        let differences = given.differences(from: known.checkpoint.request)
        guard differences.isEmpty else { throw ReplayError.otherRequest(name: name, differences) }
        return known.checkpoint.request
    }

    private func pace() throws -> ReplayPace {
        switch (settings[\.replay.rate], settings[\.replay.speed]) {
        case (nil, nil): return .full
        case (let rate?, nil): return .rate(rate)
        case (nil, let factor?): return .speed(factor)
        case (_?, _?): throw UsageError("give one of --rate and --speed")
        }
    }

    private func tokens() throws -> [VerificationToken] {
        let tokens = try settings.verificationTokens()
        guard !tokens.isEmpty else {
            throw UsageError(
                "--renormalize verifies each body again: set NOTION_RELAY_VERIFICATION_TOKENS to the tokens that may "
                    + "have signed them"
            )
        }
        return tokens
    }

    private func target(_ plan: ReplayPlan, _ form: ReplayForm) async throws -> @Sendable () throws -> any ReplayTarget
    {
        guard !isDryRun else { return { WritingTarget { _ in } } }
        let client = context.client
        switch plan.request.target {
        case .stdout: return { try form.target() }
        case .topic(let name):
            let facts = try await TopicFacts.read(name, client)
            for line in facts.notices(name, oldest: plan.window.from, now: Timestamp.now()) { notice(line) }
            if name == plan.request.topic {
                notice("\(name) is replayed into itself: all its consumer groups will get these records again")
            }
            return { try TopicTarget(client, topic: name, messageBytesMax: facts.messageBytesMax) }
        case .url(let url):
            let settings = URLTargetSettings(
                try ServiceSettings(context, SettingsTable.shared.replay.service, url: (url, "--to-url"))
            )
            return { try URLTarget(settings, now: Timestamp.now) }
        }
    }

    private func report(_ summary: ReplaySummary, _ plan: ReplayPlan, _ form: ReplayForm) {
        let text = form.isJSON ? summary.json : summary.lines.joined(separator: "\n")
        // The records are the data, when they go to stdout.
        if form.records != nil { notice(text) } else { StandardStreams.data(text) }
        guard summary.end != .done, !isDryRun else { return }
        let line =
            if let name {
                ReplayCommandLine(
                    kafka: settings[\.kafka],
                    resuming: name,
                    checkpointTopic: settings.source(\.replay.checkpointTopic) == .standard
                        ? nil : settings[\.replay.checkpointTopic]
                )
            } else {
                ReplayCommandLine(kafka: settings[\.kafka], plan.request, rest: summary.rest)
            }
        notice("to go on: \(line.text)")
        if !settings.kafkaOptions.isEmpty { notice("  with the same --kafka-option settings") }
    }
}

/// The output of `replay`: records when they go to stdout, plan and summary otherwise.
struct ReplayForm {
    // Limit: what is written at once.
    private static let outputBytesMax = 256 << 10

    let records: RecordFormat?
    let isJSON: Bool

    init(_ settings: ResolvedSettings, printsRecords: Bool) throws {
        let text = settings[\.replay.format]
        guard printsRecords || [nil, "text", "json"].contains(text) else {
            throw UsageError("--format: write text or json; other forms are for the records of --to-stdout")
        }
        isJSON = !printsRecords && text == "json"
        let colors = TerminalColors(ofOutput: .auto)
        let isTerminal = StandardOutput.isTerminal
        records = printsRecords ? try RecordFormat(text ?? "json", colors: colors, isForTerminal: isTerminal) : nil
    }

    /// What stdout does not take ends the replay with what was sent before: it can be resumed there.
    func target() throws -> WritingTarget {
        guard let records else { preconditionFailure("Records are printed when a form was made for them.") }
        if !records.heading.isEmpty { try StandardStreams.stream(bytes: records.heading) }
        var output: [UInt8] = []
        func flush() throws {
            try StandardStreams.stream(bytes: output)
            output.removeAll(keepingCapacity: true)
        }
        return WritingTarget { record in
            records.write(record, to: &output)
            if output.count > Self.outputBytesMax { try flush() }
        } flush: {
            if !output.isEmpty { try flush() }
        }
    }
}
