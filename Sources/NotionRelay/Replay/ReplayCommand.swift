import Foundation
import Kafka
import NotionWebhooks
import Operations
import OutgoingWebhooks
import Replayer
import Timestamps

/// `replay`: a stretch of a topic's history again, until its end or until a stop is asked for.
struct ReplayCommand {
    let context: CommandContext

    private var settings: ResolvedSettings { context.settings }
    private var name: String? { settings.string(ifSet: .replayResume) }
    private var isPlan: Bool { settings.flag(.replayPlan) }
    private var isDryRun: Bool { settings.flag(.replayDryRun) }

    /// Fails when something was not sent that was to be, and when it was interrupted.
    func run() async throws -> ExitStatus {
        let stop = StopSignal()
        let given = try GivenReplay(settings)
        let pace = try self.pace()
        let known = try await begun()
        var options = try ReplayOptions(client: context.client, request: request(given, known))
        if let known, known.checkpoint.state == .done {
            notice("the replay \(known.checkpoint.name) was finished: nothing is left; another one needs another name")
            return .success
        }
        options.pace = pace
        options.isDryRun = isDryRun
        options.name = isDryRun ? nil : name
        options.checkpointTopic = settings.string(.replayCheckpointTopic)
        if options.request.renormalizing != nil { options.tokens = try tokens() }
        let form = try ReplayForm(settings, printsRecords: options.request.target == .stdout && !isDryRun && !isPlan)
        let status = ProgressNotices(every: .milliseconds(400))
        let hooks = ReplayHooks(
            isStopped: { stop.isRaised },
            progress: { progress in
                status.show {
                    progress.lines
                } json: {
                    progress.json
                }
            },
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

    // MARK: What is to be done

    /// What the name stands for already.
    private func begun() async throws -> CheckpointTopic.Known? {
        guard let name else { return nil }
        let topic = CheckpointTopic(context.client, topic: settings.string(.replayCheckpointTopic))
        return try await topic.newest(name) {
            notice(
                "somebody was at the replay \(name) when it was last heard of; waiting to see whether they still are"
            )
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
        switch (settings.rate(ifSet: .replayRate), settings.number(ifSet: .replaySpeed)) {
        case (nil, nil): return .full
        case (let rate?, nil): return .rate(rate)
        case (nil, let factor?): return .speed(factor)
        case (_?, _?): throw UsageError("give one of --rate and --speed")
        }
    }

    private func tokens() throws -> [VerificationToken] {
        let tokens = try VerificationToken.all(settings)
        guard !tokens.isEmpty else {
            throw UsageError(
                "--renormalize verifies each body again: set NOTION_RELAY_VERIFICATION_TOKENS to the tokens that may "
                    + "have signed them"
            )
        }
        return tokens
    }

    // MARK: Where to

    private func target(_ plan: ReplayPlan, _ form: ReplayForm) async throws -> @Sendable () throws -> any ReplayTarget
    {
        guard !isDryRun else { return { WritingTarget { _ in } } }
        let client = context.client
        switch plan.request.target {
        case .stdout:
            return { form.target }
        case .topic(let name):
            let facts = try await TopicFacts.read(name, client)
            for line in facts.notices(name, oldest: plan.window.from, now: Timestamp.now()) { notice(line) }
            if name == plan.request.topic {
                notice("\(name) is replayed into itself: all its consumer groups will get these records again")
            }
            return { try TopicTarget(client, topic: name, messageBytesMax: facts.messageBytesMax) }
        case .url(let url):
            let settings = URLTargetSettings(try ServiceSettings(context, .replay, url: url))
            return { try URLTarget(settings, now: Timestamp.now) }
        }
    }

    // MARK: What became of it

    private func report(_ summary: ReplaySummary, _ plan: ReplayPlan, _ form: ReplayForm) {
        let text = form.isJSON ? summary.json : summary.lines.joined(separator: "\n")
        // The records are the data, when they go to stdout.
        if form.records != nil { notice(text) } else { StandardStreams.data(text) }
        guard summary.end != .done, !isDryRun else { return }
        let line =
            if let name {
                ReplayCommandLine(
                    kafka: settings.strings(.kafka),
                    resuming: name,
                    checkpointTopic: settings.source(.replayCheckpointTopic) == .standard
                        ? nil : settings.string(.replayCheckpointTopic)
                )
            } else {
                ReplayCommandLine(kafka: settings.strings(.kafka), plan.request, rest: summary.rest)
            }
        notice("to go on: \(line.text)")
        if !settings.map(.kafkaOptions).isEmpty { notice("  with the same --kafka-option settings") }
    }
}
