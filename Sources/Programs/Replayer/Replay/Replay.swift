import Dispatch
import FoundationEssentials
import Kafka
import NotionEvents

/// A replay: a window of a topic's history again, in order, to a topic, a service or a file. No consumer group is
/// joined and no group's offset is touched.
package struct Replay: Sendable {
    private let options: ReplayOptions
    private let hooks: ReplayHooks
    private let now: @Sendable () -> Int64

    /// `now` is milliseconds since 1970.
    package init(_ options: ReplayOptions, hooks: ReplayHooks, now: @escaping @Sendable () -> Int64) {
        self.options = options
        self.hooks = hooks
        self.now = now
    }

    /// Fixes the window to what is in the topic now.
    package func plan(id: String) async throws -> ReplayPlan {
        let bounds = try await BoundsReader(options.client, topic: options.request.topic).read(options.request.window)
        let time = now()
        let window = try ReplayWindow(options.request.window, bounds, now: time)
        return ReplayPlan(
            id: id,
            request: options.request,
            window: window,
            notices: ReplayWindow.notices(options.request.window, window, bounds, now: time)
        )
    }

    /// Carries a plan out, on a thread of its own. `makeTarget` is called there.
    ///
    /// Throws what kept it from beginning; what ended it later is in the summary.
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
        let reading = try await WindowReading.begin(
            options.client,
            topic: plan.request.topic,
            window: plan.window,
            next: plan.next
        )
        defer { reading.close() }
        let summary = try await Self.onThread { [options, hooks, now] in
            try ReplayRun(
                options,
                hooks: hooks,
                target: makeTarget(),
                checkpoints: topic.map { try Checkpoints($0, first: first, now: now) },
                reading: reading,
                judge: ReplayJudge(plan, options),
                summary: plan.summary(isDryRun: options.isDryRun)
            ).run()
        }
        // A topic without records, or a broker that is gone by now, has nothing to say.
        for line in (try? await reading.lost(summary.gaps)) ?? [] { hooks.notice(line) }
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

extension ReplayJudge {
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
