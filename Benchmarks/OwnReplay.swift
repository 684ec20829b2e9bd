import Foundation
import Kafka
import Replayer

/// Our replay of a whole topic to another one, as the command does it.
enum OwnReplay {
    /// A named one keeps checkpoints.
    static func command(_ topic: EventTopic, target: String, name: String?) -> [String] {
        ["replay-own", topic.bootstrapServers, target] + (name.map { [$0] } ?? [])
    }

    /// `replay-own BOOTSTRAP TARGET [NAME]`.
    static func run(_ arguments: [String]) async throws {
        guard (2...3).contains(arguments.count) else {
            throw BenchOptions.UsageError(
                description: "replay-own needs a bootstrap server, a target topic and perhaps a name"
            )
        }
        let client = ClientSettings(bootstrapServers: [arguments[0]])
        let target = arguments[1]
        let request = ReplayRequest(
            topic: EventTopic.name,
            window: .times(from: nil, to: nil),
            target: .topic(target)
        )
        var options = try ReplayOptions(client: client, request: request)
        options.name = arguments.count == 3 ? arguments[2] : nil
        let hooks = ReplayHooks(isStopped: { false }, progress: { _ in }, notice: { Benchmark.notice($0) })
        let replay = Replay(options, hooks: hooks) { Int64(Date.now.timeIntervalSince1970 * 1000) }
        let plan = try await replay.plan(id: options.name ?? UUID().uuidString.lowercased())
        let facts = try await TopicFacts.read(target, client)
        let summary = try await replay.run(plan) {
            // Made on the replay's thread, when its partitions have been assigned.
            let span = ReadingSpan()
            let target = try TopicTarget(client, topic: target, messageBytesMax: facts.messageBytesMax)
            return WatchedTarget(target, records: Int(plan.left), span)
        }
        guard summary.isOK else { throw BenchmarkFailure(description: summary.lines.joined(separator: "\n")) }
    }
}

/// A target that says when the last record was acknowledged.
private final class WatchedTarget: ReplayTarget {
    private let target: TopicTarget
    private let span: ReadingSpan
    private let records: Int
    private var sent = 0

    init(_ target: TopicTarget, records: Int, _ span: ReadingSpan) {
        self.target = target
        self.span = span
        self.records = records
    }

    func offer(_ record: inout Record, slot: Int) throws -> Bool { try target.offer(&record, slot: slot) }

    func settle(waitMilliseconds: Int, _ body: (Int, ReplayOutcome) -> Void) throws {
        let before = sent
        try target.settle(waitMilliseconds: waitMilliseconds) { slot, outcome in
            body(slot, outcome)
            if outcome == .sent { sent += 1 }
        }
        if sent == records, before < records { span.end(records: records, violations: 0) }
    }

    var trouble: String? { target.trouble }
    func close() { target.close() }
}
