import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct LanesReadingTests {
    @Test
    func `an event whose id is known is dropped`() {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a", id: "x"), .event(1, key: "b", id: "y"), .event(2, key: "a", id: "x"))
        #expect(test.handleAll() == [0, 1] && test.counts.duplicates == 1)
        #expect(test.committed?.offset == 3)
    }

    @Test
    func `ids are known from before the committed offset, and from what was done beyond it`() {
        let test = LanesUnderTest(begins: false)
        test.begin(committed: 2, doneAhead: CompletedOffsets(next: 2, ranges: [3...3]))
        test.add(.event(0, key: "a", id: "x"), .event(2, key: "a", id: "y"), .event(3, key: "a", id: "z"))
        test.add(.event(4, key: "a", id: "x"), .event(5, key: "a", id: "z"), .event(6, key: "a", id: "w"))
        #expect(test.handleAll() == [2, 6])
        #expect(test.counts.duplicates == 2 && test.counts.handledBefore == 1)
        #expect(test.committed?.offset == 7)
    }

    @Test
    func `an empty id is none`() {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a", id: ""), .event(1, key: "b", id: ""))
        #expect(test.handleAll() == [0, 1])
    }

    @Test
    func `a redriven record is no duplicate, and one for another group is skipped`() {
        let test = LanesUnderTest()
        let foreign = RedriveMark(group: "h", run: "r", count: 1, origin: RecordPlace(partition: 0, offset: 0))
        test.add(.event(0, key: "a", id: "x"), .event(1, key: "a", id: "x", mark: .own("r", 0)))
        test.add(.event(2, key: "a", id: "x", mark: foreign))
        #expect(test.handleAll() == [0, 1])
        #expect(test.counts.forOthers == 1 && test.counts.duplicates == 0)
        #expect(test.committed?.offset == 3)
    }

    @Test
    func `a replayed event is no duplicate of the first one, but of itself within one replay`() {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a", id: "x"), .event(1, key: "a", id: "x", replay: .by("friday")))
        test.add(.event(2, key: "a", id: "x", replay: .by("friday", count: 2)))
        test.add(.event(3, key: "a", id: "y", replay: .by("friday")))
        test.add(.event(4, key: "a", id: "x", replay: .by("monday", count: 2)), .event(5, key: "a", id: "x"))
        #expect(test.handleAll() == [0, 1, 3, 4] && test.counts.duplicates == 2)
        #expect(test.committed?.offset == 6)
    }

    @Test
    func `where replay and event end in an id counts`() {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a", id: "bc", replay: .by("a")), .event(1, key: "a", id: "c", replay: .by("ab")))
        test.add(.event(2, key: "a", id: "\u{1}abc"), .event(3, key: "a", id: "abc"))
        #expect(test.handleAll() == [0, 1, 2, 3])
    }

    @Test
    func `the ids of replays are known from before the committed offset`() {
        let test = LanesUnderTest(begins: false)
        test.begin(committed: 2, doneAhead: CompletedOffsets(next: 2, ranges: [2...2]))
        test.add(.event(0, key: "a", id: "x", replay: .by("friday")), .event(1, key: "a", id: "y"))
        test.add(.event(2, key: "a", id: "z", replay: .by("friday")))
        test.add(.event(3, key: "a", id: "x", replay: .by("friday")), .event(4, key: "a", id: "x"))
        test.add(.event(5, key: "a", id: "y", replay: .by("friday")), .event(6, key: "a", id: "y"))
        test.add(.event(7, key: "a", id: "z", replay: .by("friday")), .event(8, key: "a", id: "z"))
        #expect(test.handleAll() == [4, 5, 8] && test.counts.duplicates == 3)
    }

    @Test
    func `replayed records can be passed over, those that are redriven to the group excepted`() {
        let test = LanesUnderTest { $0.skipsReplays = true }
        let foreign = RedriveMark(group: "h", run: "r", count: 1, origin: RecordPlace(partition: 0, offset: 0))
        test.add(.event(0, key: "a", id: "x", replay: .by("friday")), .event(1, key: "a", id: "x"))
        test.add(.event(2, key: "a", id: "x", replay: .by("friday"), mark: .own("r", 0)))
        test.add(.event(3, key: "a", id: "x", replay: .by("friday"), mark: foreign))
        var unreadable = ReplayMark.by("friday").applied(to: .event(4, key: "a", id: "y"))
        unreadable.headers.removeLast()
        test.add(unreadable)
        #expect(test.handleAll() == [1, 2, 4])
        #expect(test.counts.skippedReplays == 1 && test.counts.forOthers == 1 && test.counts.duplicates == 0)
        #expect(test.committed?.offset == 5)
    }

    @Test
    func `what was passed over makes no event late, nor fills the window of ids`() {
        let test = LanesUnderTest(begins: false) {
            $0.skipsReplays = true
            $0.dedupeWindow = 1
        }
        test.begin(committed: 2)
        test.add(.event(0, key: "a", id: "x", time: 400))
        test.add(.event(1, key: "a", id: "y", time: 500, replay: .by("friday")))
        test.add(.event(2, key: "a", id: "x", time: 400), .event(3, key: "a", id: "z", time: 450))
        #expect(lateOffsets(test) == [] && test.counts.duplicates == 1)
    }

    @Test
    func `a handler is told of the replay`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "a", replay: .by("friday", count: 2)))
        let first = try test.taken()
        #expect(first.consumed?.replay == nil)
        #expect(try test.next(first, .done).consumed?.replay == .by("friday", count: 2))
    }

    private func lateOffsets(_ test: LanesUnderTest) -> [Int64] {
        var late: [Int64] = []
        var next = test.take()
        while let work = next {
            if let consumed = work.consumed, consumed.isLate { late += [consumed.record.offset ?? -1] }
            next = test.finish(work).next
        }
        return late
    }

    @Test
    func `an event is late when a newer one of its key was handed out before`() {
        let test = LanesUnderTest(begins: false)
        test.begin(committed: 1)
        test.add(.event(0, key: "a", time: 500))
        test.add(.event(1, key: "a", time: 400), .event(2, key: "b", time: 300), .event(3, key: "a", time: 500))
        test.add(.event(4, key: "b", time: 299), .event(5, key: "a"), .event(6, key: nil, time: 1))
        #expect(lateOffsets(test) == [1, 4] && test.counts.late == 2)
    }

    @Test
    func `an event without a time is not late, whatever it stands for`() {
        let test = LanesUnderTest { $0.isCoalescing = true }
        test.add(.event(0, key: "a", time: 500))
        #expect(lateOffsets(test) == [])
        test.add(.event(1, key: "a", time: 400), .event(2, key: "a"))
        #expect(lateOffsets(test) == [])
    }

    @Test
    func `redriven events are not late because those that are parked behind them were read again`() {
        let test = LanesUnderTest(begins: false)
        // 0 failed and parked its key, 1 followed unhandled; both are below the committed offset by now.
        test.begin(committed: 2, parked: [.parked("a", from: 0, last: 1)])
        test.add(.event(0, key: "a", time: 100), .event(1, key: "a", time: 200))
        test.add(.event(2, key: "a", time: 100, mark: .own("r", 0)))
        test.add(.event(3, key: "a", time: 200, mark: .own("r", 1, drained: 1)))
        #expect(lateOffsets(test) == [])
    }

    @Test
    func `a commit covers what is done, and what was done before and not read yet`() throws {
        let test = LanesUnderTest(begins: false)
        test.begin(committed: 10, doneAhead: CompletedOffsets(next: 10, ranges: [12...13, 20...20]))
        #expect(test.committed == CommittedOffset(offset: 10, metadata: "relay1:2-1,6"))
        test.add(.event(10, key: "a"), .event(11, key: "b"))
        #expect(test.handleAll() == [10, 11])
        // 18 would be lost if distances were counted from another offset than the one that is committed.
        let committed = try #require(test.committed)
        let done = try #require(CompletedOffsets(text: committed.metadata, next: committed.offset))
        #expect(done == CompletedOffsets(next: 14, ranges: [20...20]))
    }

    @Test
    func `a successor handles only what was not done`() throws {
        let test = LanesUnderTest()
        for offset in Int64(0)..<6 { test.add(.event(offset, key: "\(offset)")) }
        let works = test.takeAll()
        for place in [0, 2, 3, 5] { test.settle(works[place], .done) }
        let committed = try #require(test.committed)
        #expect(committed == CommittedOffset(offset: 1, metadata: "relay1:1-1,1"))
        let successor = LanesUnderTest(begins: false)
        successor.begin(
            committed: committed.offset,
            doneAhead: CompletedOffsets(text: committed.metadata, next: committed.offset)
        )
        for offset in Int64(0)..<7 { successor.add(.event(offset, key: "\(offset)")) }
        #expect(successor.handleAll() == [1, 4, 6] && successor.committed?.offset == 7)
    }

    @Test
    func `what was committed is not committed again`() {
        let test = LanesUnderTest()
        #expect(test.committed == CommittedOffset(offset: 0, metadata: ""))
        test.lanes.note(committed: [LanesUnderTest.partition: CommittedOffset(offset: 0, metadata: "")])
        #expect(test.committed == nil)
        test.add(.event(0, key: "a"))
        #expect(test.committed == nil && test.handleAll() == [0])
        #expect(test.committed?.offset == 1)
    }

    @Test
    func `a partition is read up to its share of the records, and on at half of it`() throws {
        let test = LanesUnderTest { $0.recordsMax = 20 }
        let other = TopicPartition(topic: "t", partition: 1)
        #expect(test.room() == 20)
        test.lanes.begin(PartitionStart(other, committed: 0, readFrom: 0))
        #expect(test.room() == 10)
        for offset in Int64(0)..<10 { test.add(.event(offset, key: "a")) }
        #expect(test.room() == 0 && test.room(in: other) == 10)
        var work = try test.taken()
        var rings: [Bool] = []
        for _ in 0..<6 {
            let settlement = test.settle(work, .done)
            rings.append(settlement.ringsLoop)
            work = try #require(settlement.next)
        }
        #expect(rings == [false, false, false, false, true, false])
        #expect(test.room(in: TopicPartition(topic: "t", partition: 7)) == 0)
    }

    @Test
    func `a partition is read only so far ahead of its first unfinished record`() throws {
        let test = LanesUnderTest { $0.aheadMax = 5 }
        for offset in Int64(0)..<5 { test.add(.event(offset, key: "\(offset)")) }
        let works = test.takeAll()
        for work in works.dropFirst() { test.settle(work, .done) }
        #expect(test.room() == 0)
        #expect(test.settle(works[0], .done).ringsLoop)
        #expect(test.room() == 5)
    }

    @Test
    func `a partition is read up to its share of the bytes, but never stands still`() {
        let test = LanesUnderTest { $0.bytesMax = 10_000 }
        let other = TopicPartition(topic: "t", partition: 1)
        test.lanes.begin(PartitionStart(other, committed: 0, readFrom: 0))
        var large = Kafka.Record.event(0, key: "a")
        large.value = Array(repeating: 0, count: 20_000)
        test.add(large)
        #expect(test.room() == 0)
        // Records are taken to be as large as those that wait.
        #expect(test.room(in: other) == 1)
        #expect(test.handleAll() == [0])
        #expect(test.figures.waitingBytes == 0)
        #expect(test.room() > 0)
    }

    @Test
    func `figures say what is not done`() {
        let test = LanesUnderTest()
        test.add(.event(5, key: "a"), .event(8, key: "b"))
        let works = test.takeAll()
        test.settle(works[1], .done)
        let figures = test.figures
        #expect(figures.partitions.map(\.next) == [5] && figures.partitions.map(\.oldestTimestamp) == [5])
        #expect(figures.waiting == 1 && figures.running == 1 && figures.partitions.map(\.waiting) == [1])
    }
}
