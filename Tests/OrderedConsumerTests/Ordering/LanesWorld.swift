import Kafka
import TestSupport

@testable import OrderedConsumer

/// A record of the topic, and what is known of its fate from the topic alone.
struct LoggedRecord {
    let record: Kafka.Record
    let facts: RecordFacts
    let time: Int64?
    /// For another group, or with an id that stood before, or replayed where that is passed over: never handed out.
    let isDropped: Bool
    /// Of key, value and headers' values.
    let bytes: Int

    /// Replayed where that is passed over.
    let isPassedOver: Bool

    var offset: Int64 { record.offset ?? -1 }
    var key: KeyBytes? { record.key.map { KeyBytes($0) } }
    /// Where it first stood.
    var origin: Int64 { facts.mark?.origin.offset ?? offset }
}

/// What is outside of the member under test: the topic, the dead letters, the group's state and its offsets.
final class LanesWorld {
    /// One partition of all these.
    struct Partition {
        var log: [LoggedRecord] = []
        var ids: Set<String> = []
        /// Handled, skipped or given up, by a call that counted.
        var concluded: Set<Int64> = []
        /// Handled or skipped: first places.
        var succeeded: Set<Int64> = []
        /// Of each key, the last first place that was handled or skipped for the first time.
        var newestSuccess: [KeyBytes: Int64] = [:]
        var committed: CommittedOffset?
        var parked: [KeyBytes: ParkedKey] = [:]
        var deadLetters: [Kafka.Record] = []
        /// How many of the dead letters were sent back.
        var redriven = 0
    }

    static let count: Int32 = 3
    let shape: LanesShape
    var partitions: [Int32: Partition] = [:]
    var runs = 0

    init(_ shape: LanesShape) {
        self.shape = shape
        for number in 0..<Self.count { partitions[number] = Partition() }
    }

    func produce(_ number: Int32, _ generator: inout SeededGenerator) {
        guard var partition = partitions[number] else { return }
        let gap = Int.random(in: 0..<6, using: &generator) == 0 ? Int64.random(in: 1...4, using: &generator) : 0
        let offset = (partition.log.last.map { $0.offset + 1 } ?? 0) + gap
        // Keys are of one partition, as a partitioner sees to it.
        let letter = Int.random(in: 0...shape.keys, using: &generator)
        let key = letter == 0 ? nil : "\(number)-\(letter)"
        if Int.random(in: 0..<12, using: &generator) == 0, let twin = partition.log.randomElement(using: &generator),
            twin.facts.mark == nil
        {
            var copy = twin.record
            copy.offset = offset
            // Two replays, of which each may send a record more than once.
            let replay = ["x", "y", ""].randomElement(using: &generator) ?? ""
            append(replay.isEmpty ? copy : ReplayMark.by(replay).applied(to: copy), to: &partition)
        } else {
            let time = offset * 10 + Int64.random(in: 0...60, using: &generator)
            let isForeign = Int.random(in: 0..<25, using: &generator) == 0
            let foreign = RedriveMark(
                group: "h",
                run: "r",
                count: 1,
                origin: RecordPlace(partition: number, offset: 0)
            )
            let hasID = Int.random(in: 0..<10, using: &generator) > 0
            let id = hasID ? "\(number)-\(offset)" : nil
            let mark = isForeign ? foreign : nil
            append(.event(offset, key: key, id: id, time: time, in: number, mark: mark), to: &partition)
        }
        partitions[number] = partition
    }

    private func append(_ record: Kafka.Record, to partition: inout Partition) {
        let facts = RecordFacts(record)
        let replay = ReplayMark(record: record)
        let isPassedOver = shape.rules.skipsReplays && replay != nil && facts.mark == nil
        var isDropped = facts.mark.map { $0.group != "g" } ?? isPassedOver
        if facts.mark == nil, !isPassedOver, let id = facts.idText {
            isDropped = !partition.ids.insert("\(replay?.id ?? "")/\(id)").inserted
        }
        let bytes = [record.key ?? [], record.value ?? []] + record.headers.compactMap(\.value)
        partition.log.append(
            LoggedRecord(
                record: record,
                facts: facts,
                time: facts.occurredAt,
                isDropped: isDropped,
                bytes: bytes.reduce(0) { $0 + $1.count },
                isPassedOver: isPassedOver
            )
        )
    }

    /// Sends all dead letters back, each key's by their first places and each once, when what was sent before is
    /// committed. Whether there were any.
    ///
    /// Dead letters that are written again after a crash may stand out of order, and a run that is read again after a
    /// later one has failed would pass it.
    @discardableResult
    func redrive(_ number: Int32) -> Bool {
        guard var partition = partitions[number], partition.redriven < partition.deadLetters.count else { return false }
        let committed = partition.committed.map {
            CompletedOffsets(text: $0.metadata, next: $0.offset) ?? CompletedOffsets(next: $0.offset)
        }
        let isOver = partition.log.allSatisfy {
            $0.facts.mark?.group != "g" || committed?.contains($0.offset) ?? false
        }
        guard isOver else { return false }
        runs += 1
        let letters = partition.deadLetters[partition.redriven...]
        partition.redriven = partition.deadLetters.count
        for (key, ofKey) in Dictionary(grouping: letters, by: \.key).sorted(by: {
            ($0.key ?? []).lexicographicallyPrecedes($1.key ?? [])
        }) {
            send(ofKey, isParked: key.map { partition.parked[KeyBytes($0)] != nil } ?? false, to: &partition, number)
        }
        partitions[number] = partition
        return true
    }

    private func send(_ letters: [Kafka.Record], isParked: Bool, to partition: inout Partition, _ number: Int32) {
        let newest = letters.compactMap(\.offset).max().map { RecordPlace(partition: number, offset: $0) }
        var known: [Int64: (letter: DeadLetter, record: Kafka.Record)] = [:]
        for record in letters {
            if let letter = DeadLetter(record: record) { known[letter.origin.offset] = (letter, record) }
        }
        let origins = known.keys.sorted()
        for origin in origins {
            guard let (letter, dead) = known[origin] else { continue }
            let mark = RedriveMark(
                group: "g",
                run: "run \(runs)",
                count: letter.redrives + 1,
                origin: letter.origin,
                drained: isParked && origin == origins.last ? newest : nil
            )
            var record = mark.applied(to: letter.original(of: dead))
            record.offset = (partition.log.last?.offset ?? -1) + 1
            record.partition = number
            append(record, to: &partition)
        }
    }

    /// Writes dead letters, and the key's entry with the place of the last one.
    func giveUp(
        _ letters: [(record: Kafka.Record, letter: DeadLetter)],
        _ parking: ParkedKey?,
        _ number: Int32
    ) -> [RecordPlace] {
        var places: [RecordPlace] = []
        for (record, letter) in letters {
            var dead = letter.record(from: record, to: "t.g.dlq")
            let offset = Int64(partitions[number]?.deadLetters.count ?? 0)
            (dead.partition, dead.offset) = (number, offset)
            partitions[number]?.deadLetters.append(dead)
            partitions[number]?.concluded.insert(record.offset ?? -1)
            places.append(RecordPlace(partition: number, offset: offset))
        }
        if let parking, let last = places.last, let letter = letters.last?.letter {
            partitions[number]?.parked[KeyBytes(parking.key)] = parking.noting(letter, at: last)
        }
        return places
    }

    /// A handler has said that it is done with these records.
    func succeed(_ records: [LoggedRecord], _ number: Int32) throws(LanesViolation) {
        for record in records {
            guard partitions[number]?.succeeded.insert(record.origin).inserted == true, let key = record.key else {
                continue
            }
            let newest = partitions[number]?.newestSuccess[key] ?? -1
            if shape.keepsOrder, record.origin <= newest {
                throw LanesViolation("offset \(record.origin) of \(number) was handled after \(newest)")
            }
            partitions[number]?.newestSuccess[key] = max(newest, record.origin)
        }
    }
}

/// What a random run of ``LanesStateMachine`` is like.
struct LanesShape: Sendable, CustomStringConvertible {
    let name: String
    let keys: Int
    let rules: LaneRules
    /// Whether every key's records succeed for the first time in the topic's order, whatever happens.
    var keepsOrder: Bool { rules.afterDeadLetter == .park && !rules.isReordering }
    var description: String { name }

    init(_ name: String, keys: Int = 4, _ change: (inout LaneRules) -> Void = { _ in }) {
        self.name = name
        self.keys = keys
        var rules = LaneRules.defaults
        rules.lanesMax = 4
        rules.recordsMax = 90
        rules.retry = RetryPolicy(attemptsMax: 3, firstDelay: .milliseconds(100), delayMax: .seconds(2))
        rules.handlerDeadline = .seconds(3)
        change(&rules)
        self.rules = rules
    }
}

/// What must not be.
struct LanesViolation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
