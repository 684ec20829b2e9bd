import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

typealias LaneRules = KeyedConsumerSettings

extension LaneRules {
    /// Of the group `g`, without a deadline of the handler, and without a breaker.
    static var defaults: LaneRules {
        let client = ClientSettings(bootstrapServers: ["none:9092"])
        guard var rules = try? LaneRules(client: client, group: "g", topic: "t") else {
            preconditionFailure("Both are names.")
        }
        rules.handlerDeadline = nil
        rules.holdAfter = 0
        return rules
    }
}

/// ``LanesStateMachine`` with a clock that stands still unless told otherwise, and one partition 0 that begins at 0.
final class LanesUnderTest {
    static let partition = TopicPartition(topic: "t", partition: 0)
    static let redrives = TopicPartition(topic: "t.g.redrive", partition: 0)

    var lanes: LanesStateMachine
    var now = Moment(steady: .zero, wall: 1_767_225_600_000)
    var notices: [ConsumerNotice] = []

    init(begins: Bool = true, _ change: (inout LaneRules) -> Void = { _ in }) {
        var rules = LaneRules.defaults
        rules.retry = RetryPolicy(attemptsMax: 3, firstDelay: .seconds(1), delayMax: .seconds(60))
        change(&rules)
        lanes = LanesStateMachine(rules, random: SeededGenerator(seed: 1))
        lanes.awakeAt = .seconds(1_000_000)
        if begins { begin() }
    }

    func begin(
        committed: Int64 = 0,
        doneAhead: CompletedOffsets? = nil,
        parked: [ParkedKey] = [],
        redrivesFrom: Int64? = nil
    ) {
        let parked = Dictionary(uniqueKeysWithValues: parked.map { (KeyBytes($0.key), $0) })
        lanes.begin(
            PartitionStart(
                Self.partition,
                committed: committed,
                readFrom: 0,
                doneAhead: doneAhead,
                parked: parked,
                redrives: redrivesFrom.map { RedrivesStart(partition: Self.redrives, committed: $0) }
            )
        )
    }

    func addRedriven(_ records: Kafka.Record...) { lanes.add(records, of: Self.redrives, at: now) }

    func add(_ records: Kafka.Record...) { lanes.add(records, of: Self.partition, at: now) }

    func take() -> LaneWork? { lanes.take(for: lanes.newWorker(), at: now) }

    func taken() throws -> LaneWork { try #require(take()) }

    /// The worker's next work.
    func next(_ work: LaneWork, _ verdict: Verdict) throws -> LaneWork { try next(work, .handled(verdict)) }

    func next(_ work: LaneWork, _ result: LaneWork.Result) throws -> LaneWork {
        try #require(settle(work, result).next)
    }

    func takeAll() -> [LaneWork] {
        var all: [LaneWork] = []
        while let work = take() { all.append(work) }
        return all
    }

    @discardableResult
    func settle(_ work: LaneWork, _ verdict: Verdict) -> LanesStateMachine.Settlement {
        settle(work, .handled(verdict))
    }

    @discardableResult
    func settle(_ work: LaneWork, _ result: LaneWork.Result) -> LanesStateMachine.Settlement {
        let settlement = lanes.settle(work, result, at: now)
        notices += settlement.notices
        return settlement
    }

    func wait(_ duration: Duration) {
        now = Moment(steady: now.steady + duration, wall: now.wall + Int64(duration / .milliseconds(1)))
        lanes.wake(at: now)
    }

    /// Whatever the work is, it succeeds.
    @discardableResult
    func finish(_ work: LaneWork) -> LanesStateMachine.Settlement {
        switch work.step {
        case .handle: settle(work, .done)
        case .giveUp(let letters, _, _):
            settle(work, .gaveUp(at: letters.map { RecordPlace(partition: 0, offset: $0.record.offset ?? -1) }))
        case .write: settle(work, .written)
        }
    }

    /// Handles all there is, and says in which order.
    func handleAll() -> [Int64] {
        var offsets: [Int64] = []
        var next = take()
        while let work = next {
            offsets += work.offsets
            next = finish(work).next
        }
        return offsets
    }

    func room(in partition: TopicPartition = partition) -> Int { lanes.room(in: partition) }

    func drain() { lanes.drain([Self.partition]) }

    func cancel() -> [Int] { lanes.cancel(in: [Self.partition]) }

    func end() -> Int { lanes.end([Self.partition]) }

    func overdue() -> (workers: [Int], notices: [ConsumerNotice]) { lanes.overdue(at: now) }

    var busyCount: Int { lanes.busyCount(in: [Self.partition]) }
    var figures: ConsumerFigures { lanes.figures(at: now) }
    var counts: ConsumerCounts { lanes.counts }
    var nextDue: Duration? { lanes.nextDue }
    var parkedCount: Int { lanes.parkedCount }
    var orphans: [TopicPartition: [KeyBytes: Int]] { lanes.orphans }
    var committed: CommittedOffset? { lanes.commits(metadataBytesMax: 4000)[Self.partition] }
    var committedRedrives: CommittedOffset? { lanes.commits(metadataBytesMax: 4000)[Self.redrives] }
}

extension LaneWork {
    /// The offsets of the records that it is about, superseded ones first; none for an entry of the state.
    var offsets: [Int64] {
        switch step {
        case .handle(let consumed): consumed.superseded.map(\.place.offset) + [consumed.record.offset ?? -1]
        case .giveUp(let letters, _, _): letters.map { $0.record.offset ?? -1 }
        case .write: []
        }
    }

    var consumed: ConsumedRecord? { if case .handle(let consumed) = step { consumed } else { nil } }

    var reasons: [String] {
        if case .giveUp(let letters, _, _) = step { letters.map(\.letter.reason.word) } else { [] }
    }

    var parking: ParkedKey? { if case .giveUp(_, let parking, _) = step { parking } else { nil } }

    var entry: StateEntry? { if case .write(let entry) = step { entry } else { nil } }
}

extension LaneWork.Result {
    /// One dead letter, there in partition 0 of the dead-letter topic.
    static func gaveUp(at offset: Int64) -> LaneWork.Result {
        gaveUp(at: [RecordPlace(partition: 0, offset: offset)])
    }

    static func gaveUp(at places: [RecordPlace]) -> LaneWork.Result { .gaveUp(LaneWork.GivenUp(places: places)) }
}

extension ParkedKey {
    static func parked(_ key: String, from offset: Int64, last: Int64? = nil, blocked: String? = nil) -> ParkedKey {
        ParkedKey(
            topic: "t",
            key: Array(key.utf8),
            partition: 0,
            offset: offset,
            reason: .handler,
            parkedAtMilliseconds: 0,
            deadLetterPartition: last.map { _ in 0 },
            lastDeadLetter: last,
            blockedRun: blocked
        )
    }
}

extension LanesStateMachine {
    /// `partition` is of the topic, or of the redrive topic of the group `g`.
    mutating func add(_ added: [Kafka.Record], of partition: TopicPartition, at now: Moment) {
        let topic = partition.topic == LanesUnderTest.redrives.topic ? LanesUnderTest.partition.topic : nil
        add(ReadRecord.all(added, redrivenTo: topic), of: partition, at: now)
    }
}
