import Dispatch
import FoundationEssentials
package import Kafka
import NotionEvents
package import NotionWebhooks
package import RecordOutput

/// Joins no consumer group, and touches no group's offsets.
package struct Replay: Sendable {
    private let options: ReplayOptions
    private let hooks: ReplayHooks
    private let now: @Sendable () -> Int64

    package init(_ options: ReplayOptions, hooks: ReplayHooks, now: @escaping @Sendable () -> Int64) {
        self.options = options
        self.hooks = hooks
        self.now = now
    }

    package func plan(id: String) async throws -> ReplayPlan {
        let bounds = try await BoundsReader(client: options.client, topic: options.request.topic).read(
            options.request.window
        )
        let time = now()
        let window = try ReplayWindow(options.request.window, bounds, now: time)
        return ReplayPlan(
            id: id,
            request: options.request,
            window: window,
            notices: ReplayWindow.notices(options.request.window, window, bounds, now: time)
        )
    }

    /// On a thread of its own, where `makeTarget` is called. Throws what kept it from starting.
    package func run(
        _ plan: ReplayPlan,
        to makeTarget: @escaping @Sendable () throws -> any ReplayTarget
    ) async throws -> ReplaySummary {
        let first = plan.checkpoint(run: UUID().uuidString.lowercased(), now: now())
        let topic = options.name.map { _ in CheckpointTopic(options.client, topic: options.checkpointTopic) }
        if let topic {
            try await topic.create()
            try await topic.claim(first, after: plan.known)
        }
        let reader = try await WindowReader(
            options.client,
            topic: plan.request.topic,
            window: plan.window,
            next: plan.next
        )
        defer { reader.close() }
        let summary = try await Self.onThread { [options, hooks, now] in
            try ReplayRun(
                options,
                hooks: hooks,
                target: makeTarget(),
                checkpoints: topic.map { try CheckpointWriter($0, first: first, now: now) },
                reader: reader,
                selection: RecordSelection(plan, options),
                summary: plan.summary(isDryRun: options.isDryRun)
            ).run()
        }
        // Only information: if the brokers cannot be reached any more, there is none.
        for line in (try? await reader.lost(summary.gaps)) ?? [] { hooks.notice(line) }
        return summary
    }

    /// The loop blocks, which the pool of tasks must not.
    private static func onThread<Success: Sendable>(
        _ body: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "replay").async { continuation.resume(with: Result { try body() }) }
        }
    }
}

extension RecordSelection {
    init(_ plan: ReplayPlan, _ options: ReplayOptions) {
        self.init(
            id: plan.id,
            window: plan.window,
            filter: options.filter,
            replaysMax: plan.request.replaysMax,
            renormalizer: plan.request.renormalizing.map { Renormalizer(tokens: options.tokens, $0) }
        )
    }
}

package struct ReplayOptions: Sendable {
    package var client: ClientSettings
    package let request: ReplayRequest
    let filter: RecordFilter
    package var pace = ReplayPace.full
    package var isDryRun = false
    /// For stored bodies: the tokens that may have signed them.
    package var tokens: [VerificationToken] = []
    /// The name under which it can be resumed; nil keeps no checkpoint.
    package var name: String?
    package var checkpointTopic = "notion.replays.v1"
    /// How long brokers or target may be silent before the run ends. Until then notices say what it waits for.
    package var silenceMax = Duration.seconds(300)
    /// How long records in flight may take once a stop was asked for.
    package var stopDeadline = Duration.seconds(30)

    package init(client: ClientSettings, request: ReplayRequest) throws(RecordFilterError) {
        self.client = client
        self.request = request
        filter = try RecordFilter(arguments: request.filter)
    }
}

/// What a replay calls while it runs, on its own thread.
package struct ReplayHooks: Sendable {
    package var isStopped: @Sendable () -> Bool
    /// About twice a second, and at the end.
    package var progress: @Sendable (ReplayProgress) -> Void
    package var notice: @Sendable (String) -> Void

    package init(
        isStopped: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (ReplayProgress) -> Void,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.isStopped = isStopped
        self.progress = progress
        self.notice = notice
    }
}

package enum ReplayError: Error, Sendable, Equatable, CustomStringConvertible {
    case noTopic(String)
    case noTarget(String)
    /// No record came from a partition for so long, though the window goes on.
    case readingSilent(topic: String, partition: Int32, next: Int64, end: Int64, seconds: Int64, String?)
    case targetSilent(String, waiting: Int, seconds: Int64, String?)
    case refused(String, records: Int)
    case otherRequest(name: String, [String])
    case running(name: String)
    case unreadable(name: String, String)
    case unknown(name: String)

    package var description: String {
        switch self {
        case .noTopic(let topic):
            "there is no topic \(topic) to read: is --topic right? If it exists, grant this user Read on it"
        case .noTarget(let topic):
            "there is no topic \(topic) to send to: create it first, with the partitions that its consumers want; if "
                + "it exists, grant this user Write on it"
        case .readingSilent(let topic, let partition, let next, let end, let seconds, let error):
            "\(topic) [\(partition)]: nothing came for \(seconds) s after offset \(next - 1), and the window ends at "
                + "\(end - 1): a broker is down, a transaction was left open there, or records were lost"
                + (error.map { "; last error: \($0)" } ?? "")
        case .targetSilent(let target, let waiting, let seconds, let error):
            "\(target) took none of \(waiting) records for \(seconds) s" + (error.map { "; last error: \($0)" } ?? "")
        case .refused(let target, let records):
            "\(target) refused \(records) records one after the other: it is not ready for them; each is named above"
        case .otherRequest(let name, let differences):
            "the replay \(name) was started with another request (\(differences.joined(separator: ", "))): to resume "
                + "it, leave out window, filters and target, or choose another name"
        case .running(let name):
            "the replay \(name) is running elsewhere, since its checkpoint is moving: two runs would send the same "
                + "records twice"
        case .unreadable(let name, let why):
            "the checkpoint of the replay \(name) cannot be read (\(why)): choose another name"
        case .unknown(let name):
            "there is no replay \(name) to resume: to begin it, give a window (--from, --offsets or --last) and a "
                + "target (--to-topic, --to-url or --to-stdout)"
        }
    }
}
