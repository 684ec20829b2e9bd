package import Kafka
package import NotionEvents
package import OrderedConsumer
import Synchronization

/// Sends a group's dead letters back to it, by a topic that nobody else reads. What was sent is in the group's state,
/// so that a stopped run can go on elsewhere. Of two runs at the same time both may send a dead letter, which members
/// handle once.
package final class Redriver {
    package enum Progress: Sendable {
        case reading(TopicReader.Progress)
        case sent(Int, of: Int)
        case waiting(keys: Int)
        /// A dead letter stays, and those behind it, if their key is parked. The text is for people.
        case refused(RecordPlace, String)
    }

    /// Limit: keys that are sent at once; each of them one record after the other.
    private static let keysAtOnce = 64
    /// Limit: records that are sent before the state is written; a crash sends them again.
    private static let noteInterval = 500

    private let options: RedriveOptions
    private let isStopped: @Sendable () -> Bool
    private let progress: @Sendable (Progress) -> Void
    private let producer: Producer
    private let state: CompactedTopic
    private var known: StateSnapshot
    private var summary: RedriveSummary
    private var redriven: [Int32: CompletedOffsets] = [:]
    /// When the dead letter at the highest redriven offset of a partition last failed.
    private var lastFailures: [Int32: (offset: Int64, milliseconds: Int64?)] = [:]
    /// Dead letters that the redrive topic does not take: told once, though each round tries them again.
    private var refused: Set<RecordPlace> = []
    private let pacer: Pacer?

    /// `run` names this run in the records that it sends; `isStopped` is asked before each of them.
    package init(
        _ options: RedriveOptions,
        run: String,
        isStopped: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (Progress) -> Void
    ) throws {
        self.options = options
        self.isStopped = isStopped
        self.progress = progress
        pacer = options.rate.map { Pacer(perSecond: $0) }
        summary = RedriveSummary(
            run: run,
            group: options.topics.group,
            topic: options.topics.topic,
            dryRun: options.isDryRun
        )
        // A topic refuses a batch as a whole: with one record each it says which record it does not take.
        var client = options.client
        client.extra["batch.num.messages"] = "1"
        producer = try Producer(
            ProducerSettings(client: client, messageBytesMax: 16 << 20),
            delivery: .awaited { _ in }
        )
        state = try CompactedTopic(options.topics.state, client: options.client)
        known = StateSnapshot(topic: options.topics.topic)
    }

    package func run() async throws -> RedriveSummary {
        defer {
            producer.close()
            state.close()
        }
        try await requireTopics()
        try await state.start()
        var failed: Set<[UInt8]> = []
        while summary.rounds < options.roundsMax {
            summary.rounds += 1
            let run = summary.rounds == 1 ? summary.run : "\(summary.run).\(summary.rounds)"
            let plan = try await plan(except: failed)
            if options.isDryRun {
                summary.sent = plan.count
                break
            }
            let sent = try await send(plan, run)
            guard options.wait > .zero, !isStopped() else {
                summary.interrupted = isStopped()
                break
            }
            let again = try await outcome(of: sent, run, &failed)
            guard again, !isStopped() else { break }
        }
        return summary
    }

    private func requireTopics() async throws {
        let admin = try Admin(options.client)
        defer { admin.close() }
        let names = [options.topics.deadLetters, options.topics.redrives, options.topics.state]
        let found = try await admin.describeTopics(names, includingConfig: false)
        guard found[options.topics.deadLetters] != nil, found[options.topics.state] != nil else {
            throw RedriveError.neverRan(options.topics)
        }
        guard found[options.topics.redrives] != nil else { throw RedriveError.noRedrives(options.topics) }
    }

    private func plan(except failed: Set<[UInt8]>) async throws -> RedrivePlan {
        try await state.readToEnd { known.apply($0) }
        let reader = TopicReader(client: options.client, topic: options.topics.deadLetters) { [progress] in
            progress(.reading($0))
        }
        let checked = try await RedrivenOffsets(known, of: reader)
        redriven = checked.offsets
        lastFailures = redriven.reduce(into: [:]) { $0[$1.key] = ($1.value.last, known.lastFailures[$1.key]) }
        var backlog = Backlog(topics: options.topics, redriven: redriven, bytesMax: options.bytesMax)
        var ends: [Int32: Int64] = [:]
        try await reader.readAll { record in
            backlog.add(record)
            if let partition = record.partition, let offset = record.offset { ends[partition] = offset + 1 }
        }
        let plan = RedrivePlan(backlog, state: known, ends: ends, options: options, except: failed)
        if summary.rounds == 1 {
            summary.waiting = backlog.waiting + backlog.leftOut
            summary.leftOut = backlog.leftOut
            summary.foreign = backlog.foreign
            summary.madeAgain = checked.madeAgain
            summary.filtered = plan.filtered
            summary.exhausted = plan.exhausted
            summary.heldBack = plan.heldBack
        }
        return plan
    }

    // Sending.

    /// Sends the plan; returns the parked keys that were sent whole.
    private func send(_ plan: RedrivePlan, _ run: String) async throws -> [[UInt8]] {
        let total = plan.count
        var whole: [[UInt8]] = []
        var unnoted = 0
        let sentBefore = summary.sent
        let (producer, options, isStopped, pacer) = (producer, options, isStopped, pacer)
        try await withThrowingTaskGroup(of: Sent.self) { group in
            var keys = plan.keys.makeIterator()
            for _ in 0..<Self.keysAtOnce {
                guard let key = keys.next() else { break }
                group.addTask { try await Self.send(key, run, options, producer, pacer, isStopped) }
            }
            while let sent = try await group.next() {
                take(sent)
                unnoted += sent.count
                if let key = sent.key.key, sent.key.drained != nil, sent.isWhole { whole.append(key) }
                if unnoted >= Self.noteInterval {
                    try await note()
                    unnoted = 0
                }
                progress(.sent(summary.sent - sentBefore, of: total))
                if !isStopped(), let key = keys.next() {
                    group.addTask { try await Self.send(key, run, options, producer, pacer, isStopped) }
                }
            }
        }
        try await note()
        return whole
    }

    private struct Sent: Sendable {
        let key: RedrivePlan.Key
        var sent: [Backlog.Waiting] = []
        var refused: [(letter: Backlog.Waiting, error: KafkaError)] = []
        var count: Int { sent.count }
        var isWhole: Bool { count == key.letters.count }
    }

    private func take(_ sent: Sent) {
        summary.sent += sent.count
        for (letter, error) in sent.refused where refused.insert(letter.place).inserted {
            progress(.refused(letter.place, refusal(of: letter, error)))
        }
        summary.refused = refused.count
        for waiting in sent.sent {
            for place in [waiting.place] + waiting.copies {
                redriven[place.partition, default: CompletedOffsets()].insert(place.offset)
            }
            let (partition, offset) = (waiting.place.partition, waiting.place.offset)
            if lastFailures[partition].map({ $0.offset < offset }) ?? true {
                lastFailures[partition] = (offset, waiting.letter.lastFailureMilliseconds)
            }
        }
    }

    private func refusal(of letter: Backlog.Waiting, _ error: KafkaError) -> String {
        let (topic, partition) = (options.topics.redrives, letter.letter.origin.partition)
        guard error.isUnknownTopic else { return "\(topic) does not take it: \(error.message)" }
        return "\(topic) has no partition \(partition): give it as many as \(options.topics.topic)"
    }

    private static func send(
        _ key: RedrivePlan.Key,
        _ run: String,
        _ options: RedriveOptions,
        _ producer: Producer,
        _ pacer: Pacer?,
        _ isStopped: @Sendable () -> Bool
    ) async throws -> Sent {
        var sent = Sent(key: key)
        for (index, waiting) in key.letters.enumerated() {
            await pacer?.wait()
            guard !isStopped() else { break }
            let mark = RedriveMark(
                group: options.topics.group,
                run: run,
                count: waiting.letter.redrives + 1,
                origin: waiting.letter.origin,
                drained: index == key.letters.count - 1 ? key.drained : nil,
                known: key.known
            )
            do throws(KafkaError) {
                _ = try await producer.sendAtAnyTime(
                    mark.applied(to: waiting.original),
                    to: options.topics.redrives,
                    partition: waiting.letter.origin.partition
                )
                sent.sent.append(waiting)
            } catch {
                guard error.isOfRecord else { throw error }
                sent.refused.append((waiting, error))
                // What follows it must not overtake it.
                if key.isParked { break }
            }
        }
        return sent
    }

    private func note() async throws {
        for (partition, offsets) in redriven {
            _ = try await producer.send(
                StateEntry.redriven(
                    partition: partition,
                    offsets,
                    lastFailure: lastFailures[partition]?.milliseconds
                ).record(to: options.topics.state)
            )
        }
    }

    // What became of it.

    /// True if some of the keys have newer dead letters by now, which must be sent as well.
    private func outcome(of keys: [[UInt8]], _ run: String, _ failed: inout Set<[UInt8]>) async throws -> Bool {
        var open = Set(keys)
        var hasNewer = false
        let clock = ContinuousClock()
        let deadline = clock.now + options.wait
        try await state.readToEnd { known.apply($0) }
        while true {
            for key in open {
                let entry = known.parked[.parked(topic: options.topics.topic, key: key)]
                if entry == nil {
                    summary.unparked += 1
                } else if entry?.blockedRun == run {
                    summary.failedAgain += 1
                    failed.insert(key)
                } else if entry?.redrivenRun == run {
                    hasNewer = true
                } else {
                    continue
                }
                open.remove(key)
            }
            if open.isEmpty { return hasNewer }
            progress(.waiting(keys: open.count))
            guard clock.now < deadline, !isStopped() else {
                summary.stillParked += open.count
                summary.interrupted = isStopped()
                return false
            }
            _ = try await state.read(within: 500) { known.apply($0) }
        }
    }
}

package struct RedriveOptions: Sendable {
    package var client: ClientSettings
    package var topics: GroupTopics
    package var entity: String?
    package var types = TypePatterns([])
    /// Only those with one of these reasons; empty means all.
    package var reasons: Set<String> = []
    package var redrivesMax = 3
    /// Records a second; nil is no limit.
    package var rate: Double?
    package var isDryRun = false
    /// The longest wait for the group to handle what was sent; zero does not wait.
    package var wait = Duration.seconds(60)
    /// Limit: bytes of dead letters that are held at once; further keys are left for the next run.
    package var bytesMax = 256 << 20
    /// Limit: rounds, since a key can get new dead letters while its old ones are handled.
    package var roundsMax = 10

    package init(client: ClientSettings, topics: GroupTopics) {
        self.client = client
        self.topics = topics
    }
}

package enum RedriveError: Error, Sendable, Equatable, CustomStringConvertible {
    case neverRan(GroupTopics)
    case noRedrives(GroupTopics)

    package var description: String {
        switch self {
        case .neverRan(let topics):
            "there is no topic \(topics.deadLetters) or \(topics.state): has the group ever run on \(topics.topic)? If "
                + "they exist, grant this user Read on them"
        case .noRedrives(let topics):
            "there is no topic \(topics.redrives): members of this release create it when they start, and `topics "
                + "apply --group \(topics.group)` does; if it exists, grant this user Write on it"
        }
    }
}

/// Lets its callers through at a steady rate: each gets the next slot.
private final class Pacer: Sendable {
    private let interval: Duration
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    init(perSecond: Double) {
        precondition(perSecond > 0, "A rate is above zero.")
        interval = .seconds(1) / perSecond
    }

    /// Returns when it is the caller's turn, at once when its task is cancelled.
    func wait() async {
        let clock = ContinuousClock()
        let turn = next.withLock { next in
            let turn = max(next ?? clock.now, clock.now)
            next = turn + interval
            return turn
        }
        // There is nothing to wait for but time.
        try? await clock.sleep(until: turn)
    }
}
