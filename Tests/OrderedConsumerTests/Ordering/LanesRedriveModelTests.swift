import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

/// Random records, failures, crashes and redrives, two of them at once, of one partition.
@Suite
struct LanesRedriveModelTests {
    @Test(arguments: 0..<20)
    func `every record is handled, and each key's in their order`(_ round: Int) throws {
        var generator = SeededGenerator()
        for _ in 0..<25 {
            let seed = generator.next()
            let world = RedriveWorld(seed: seed)
            do {
                for _ in 0..<300 { try world.step() }
                try world.finish()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}

/// The topic, the dead letters, the redrive topic, the group's state and its offsets, with a member that crashes.
private final class RedriveWorld {
    /// A record that is to be sent, and its places in the dead-letter topic.
    private struct Planned {
        let record: Kafka.Record
        let places: [Int64]
    }

    private static let keys = ["a", "b", "c"]

    private var generator: SeededGenerator
    private var test = LanesUnderTest(begins: false)
    private var log: [Kafka.Record] = []
    private var redrives: [Kafka.Record] = []
    private var deadLetters: [Kafka.Record] = []
    private var redriven = CompletedOffsets()
    private var parked: [KeyBytes: ParkedKey] = [:]
    private var committed: [TopicPartition: CommittedOffset] = [:]
    private var read = 0
    private var readRedrives = 0
    private var runs = 0
    /// Plans that are being sent, each record by record.
    private var plans: [[Planned]] = []
    private var running: [LaneWork] = []
    private var isHealthy = false
    /// First places of what was handled, and of what was redriven and handled since the last crash.
    private var everHandled: Set<Int64> = []
    private var redrivenHere: Set<Int64> = []
    /// Of each key, the newest that was handled for the first time.
    private var newest: [KeyBytes: Int64] = [:]

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        begin()
    }

    private func chance(_ one: Int, in all: Int) -> Bool { Int.random(in: 0..<all, using: &generator) < one }

    func step() throws(LanesViolation) {
        switch Int.random(in: 0..<40, using: &generator) {
        case 0..<6: produce()
        case 6..<12: readTopic()
        case 12..<16: readRedriveTopic()
        case 16..<24: if let work = test.take() { running.append(work) }
        case 24..<33: try settleOne()
        case 33..<35: commit()
        case 35: plan()
        case 36..<39: sendOne()
        default: if chance(1, in: 4) { crash() }
        }
    }

    func finish() throws(LanesViolation) {
        isHealthy = true
        for _ in 0..<10_000 {
            readTopic()
            readRedriveTopic()
            while let work = test.take() { running.append(work) }
            while !running.isEmpty { try settleOne() }
            test.wait(.seconds(60))
            if plans.isEmpty, read == log.count, readRedrives == redrives.count, test.figures.waiting == 0 {
                plan()
                if plans.isEmpty { return try check() }
            }
            while !plans.isEmpty { sendOne() }
        }
        throw LanesViolation("it does not come to an end: \(test.figures)")
    }

    private func check() throws(LanesViolation) {
        guard parked.isEmpty else { throw LanesViolation("still parked: \(parked)") }
        for record in log where !everHandled.contains(record.offset ?? -1) {
            throw LanesViolation("offset \(record.offset ?? -1) was never handled")
        }
        commit()
        guard committed[LanesUnderTest.partition]?.offset == Int64(log.count),
            committed[LanesUnderTest.redrives]?.offset == Int64(redrives.count)
        else { throw LanesViolation("not all is committed: \(committed)") }
    }

    private func begin() {
        test = LanesUnderTest(begins: false)
        func done(_ partition: TopicPartition) -> (next: Int64, ahead: CompletedOffsets?) {
            guard let offset = committed[partition] else { return (0, nil) }
            return (offset.offset, CompletedOffsets(text: offset.metadata, next: offset.offset))
        }
        let (own, others) = (done(LanesUnderTest.partition), done(LanesUnderTest.redrives))
        test.lanes.begin(
            PartitionStart(
                LanesUnderTest.partition,
                committed: own.next,
                readFrom: 0,
                doneAhead: own.ahead,
                parked: parked,
                redrives: RedrivesStart(
                    partition: LanesUnderTest.redrives,
                    committed: others.next,
                    doneAhead: others.ahead
                )
            )
        )
        (read, readRedrives) = (0, Int(others.next))
        running = []
        redrivenHere = []
    }

    private func crash() { begin() }

    private func produce() {
        let offset = Int64(log.count)
        let key = Self.keys.randomElement(using: &generator) ?? "a"
        log.append(.event(offset, key: key, id: "\(offset)"))
    }

    private func readTopic() {
        guard read < log.count else { return }
        let end = isHealthy ? log.count : Int.random(in: read...log.count, using: &generator)
        test.lanes.add(Array(log[read..<end]), of: LanesUnderTest.partition, at: test.now)
        read = end
    }

    private func readRedriveTopic() {
        guard readRedrives < redrives.count else { return }
        let end = isHealthy ? redrives.count : Int.random(in: readRedrives...redrives.count, using: &generator)
        test.lanes.add(Array(redrives[readRedrives..<end]), of: LanesUnderTest.redrives, at: test.now)
        readRedrives = end
    }

    private func settleOne() throws(LanesViolation) {
        guard !running.isEmpty else { return test.wait(.seconds(1)) }
        let work = running.remove(at: Int.random(in: 0..<running.count, using: &generator))
        let result: LaneWork.Result
        switch work.step {
        case .handle(let consumed):
            let fails = !isHealthy && chance(1, in: 4)
            result = .handled(fails ? .deadLetter(.handler, "never") : .done)
            if !fails { try note(consumed) }
        case .giveUp(let letters, let parking, _): result = .gaveUp(at: giveUp(letters, parking))
        case .write(let entry):
            if case .parked(_, let key) = entry.key {
                if case .parked(let changed) = entry {
                    parked[KeyBytes(key)] = changed
                } else {
                    parked[KeyBytes(key)] = nil
                }
            }
            result = .written
        }
        if let next = test.settle(work, result).next { running.append(next) }
    }

    private func note(_ consumed: ConsumedRecord) throws(LanesViolation) {
        let (offset, key) = (consumed.record.offset ?? -1, KeyBytes(consumed.record.key ?? []))
        // A record that was given up before a crash is read again from the topic, too.
        guard consumed.redrives == 0 || redrivenHere.insert(offset).inserted else {
            throw LanesViolation("\(offset) was redriven twice")
        }
        guard everHandled.insert(offset).inserted else { return }
        if let last = newest[key], last > offset { throw LanesViolation("\(offset) was handled after \(last)") }
        newest[key] = offset
    }

    private func giveUp(_ letters: [(record: Kafka.Record, letter: DeadLetter)], _ parking: ParkedKey?) -> [RecordPlace]
    {
        var places: [RecordPlace] = []
        for (record, letter) in letters {
            var dead = letter.record(from: record, to: "t.g.dlq")
            (dead.partition, dead.offset) = (0, Int64(deadLetters.count))
            places.append(RecordPlace(partition: 0, offset: Int64(deadLetters.count)))
            deadLetters.append(dead)
        }
        if let parking, let last = places.last, let letter = letters.last?.letter {
            parked[KeyBytes(parking.key)] = parking.noting(letter, at: last)
        }
        return places
    }

    private func commit() {
        let commits = test.lanes.commits(metadataBytesMax: 4000)
        test.lanes.note(committed: commits)
        committed.merge(commits) { $1 }
    }

    /// What a run would send: of each key the dead letters that were not sent yet, in the order of their first places.
    private func plan() {
        guard plans.count < 2 else { return }
        runs += 1
        var byKey: [KeyBytes: [Int64: (letter: DeadLetter, record: Kafka.Record, places: [Int64])]] = [:]
        for (place, record) in deadLetters.enumerated() where !redriven.contains(Int64(place)) {
            guard let letter = DeadLetter(record: record), let key = record.key else { continue }
            let copies = byKey[KeyBytes(key)]?[letter.origin.offset]?.places ?? []
            byKey[KeyBytes(key), default: [:]][letter.origin.offset] = (letter, record, copies + [Int64(place)])
        }
        let drained = RecordPlace(partition: 0, offset: Int64(deadLetters.count - 1))
        var plan: [Planned] = []
        for (key, letters) in byKey.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
            let isParked = parked[key] != nil
            for origin in letters.keys.sorted() {
                guard let (letter, record, places) = letters[origin] else { continue }
                let mark = RedriveMark(
                    group: "g",
                    run: "run \(runs)",
                    count: letter.redrives + 1,
                    origin: letter.origin,
                    drained: isParked && origin == letters.keys.max() ? drained : nil,
                    known: isParked ? drained : nil
                )
                plan.append(Planned(record: mark.applied(to: letter.original(of: record)), places: places))
            }
        }
        if !plan.isEmpty { plans.append(plan) }
    }

    private func sendOne() {
        guard !plans.isEmpty else { return }
        let index = Int.random(in: 0..<plans.count, using: &generator)
        let planned = plans[index].removeFirst()
        if plans[index].isEmpty || (!isHealthy && chance(1, in: 20)) { plans.remove(at: index) }
        var record = planned.record
        // A run that ends before it has written down what it sent sends it again.
        if isHealthy || chance(9, in: 10) { for place in planned.places { redriven.insert(place) } }
        (record.partition, record.offset) = (0, Int64(redrives.count))
        redrives.append(record)
    }
}
