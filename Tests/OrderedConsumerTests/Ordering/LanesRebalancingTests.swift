import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct LanesRebalancingTests {
    @Test
    func `what waits is left to the next member, and what runs may end`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "a"), .event(2, key: "b"), .event(3, key: "c"))
        let first = try test.taken()
        let second = try test.taken()
        let third = try test.next(second, .retry("no", after: .seconds(9)))
        test.settle(third, .retry("no"))
        test.drain()
        #expect(test.busyCount == 1 && test.figures.waiting == 1)
        #expect(test.room() == 0)
        test.add(.event(4, key: "d"))
        #expect(test.take()?.offsets == nil)
        #expect(test.settle(first, .done).ringsLoop)
        #expect(test.busyCount == 0 && test.figures.waiting == 0)
        #expect(test.committed?.offset == 1 && test.end() == 0)
        #expect(test.figures.partitions.isEmpty)
    }

    @Test
    func `a record that fails while its partition drains is left to the next member`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"))
        let work = try test.taken()
        test.drain()
        test.settle(work, .retry("no"))
        #expect(test.busyCount == 0 && test.committed?.offset == 0)
    }

    @Test
    func `a dead letter is still written while its partition drains`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "b"))
        let works = test.takeAll()
        test.drain()
        // Also by another worker, after its own was cancelled; and while the group pauses.
        test.lanes.isPaused = true
        let letter = try test.next(works[0], .deadLetter(.handler, "never"))
        test.settle(letter, .gaveUp(at: 0))
        #expect(test.busyCount == 1 && test.committed?.offset == 1)
    }

    @Test
    func `records under old numbers are handled, and what ran before them ends without effect`() throws {
        let test = LanesUnderTest()
        test.add(.event(7, key: "a"), .event(8, key: "b"))
        let before = try test.taken()
        test.add(.event(2, key: "a", id: "new"), .event(3, key: "c"))
        #expect(test.lanes.takeNotices().count == 1)
        // The call about the old record holds its key up, and nothing else.
        let other = try test.taken()
        #expect(other.offsets == [3] && test.take() == nil)
        let after = try test.next(before, .done)
        #expect(after.offsets == [2])
        test.settle(other, .done)
        test.settle(after, .done)
        #expect(test.committed?.offset == 4 && test.figures.waiting == 0)
    }

    static let voidVerdicts: [Verdict] = [.deadLetter(.handler, "cancelled"), .skip, .retry("cancelled")]

    @Test(arguments: voidVerdicts)
    func `what a call says that was cancelled because its partition leaves counts only if it is done`(
        verdict: Verdict
    ) throws {
        let test = LanesUnderTest { $0.retry.attemptsMax = 1 }
        test.add(.event(0, key: "a"), .event(1, key: "b"))
        let works = test.takeAll()
        test.drain()
        #expect(Set(test.cancel()) == Set(works.map(\.worker)))
        #expect(test.cancel() == [])
        #expect(test.settle(works[0], .done).ringsLoop)
        #expect(test.settle(works[1], verdict).next == nil)
        #expect(test.busyCount == 0 && test.committed?.offset == 1)
        #expect(test.counts.skipped == 0 && test.take() == nil)
    }

    @Test(arguments: voidVerdicts)
    func `what a call says that passed its deadline is a failed attempt unless it is done`(verdict: Verdict) throws {
        let test = LanesUnderTest { $0.handlerDeadline = .seconds(10) }
        test.add(.event(0, key: "a"))
        let work = try test.taken()
        test.wait(.seconds(10))
        #expect(test.overdue().workers == [work.worker])
        #expect(test.settle(work, verdict).next == nil && test.committed?.offset == 0)
        test.wait(.seconds(1))
        let again = try test.taken()
        #expect(again.consumed?.attempt == 2)
        test.wait(.seconds(10))
        #expect(test.overdue().workers == [again.worker])
        test.settle(again, .done)
        #expect(test.committed?.offset == 1)
    }

    @Test
    func `a call that passed its deadline is told once, and its worker ends with it`() throws {
        let test = LanesUnderTest { $0.handlerDeadline = .seconds(10) }
        test.add(.event(0, key: "a"), .event(1, key: "b"), .event(2, key: "c"))
        let first = try test.taken()
        test.wait(.seconds(4))
        let second = try test.taken()
        #expect(test.nextDue == .seconds(10))
        test.wait(.milliseconds(5999))
        #expect(test.overdue().workers == [])
        test.wait(.milliseconds(1))
        let (workers, notices) = test.overdue()
        #expect(workers == [first.worker] && notices.count == 1 && test.nextDue == .seconds(14))
        #expect(test.overdue().workers == [])
        test.wait(.seconds(4))
        #expect(test.overdue().workers == [second.worker] && test.counts.overdue == 2)
        #expect(test.settle(first, .retry("cancelled")).next == nil)
        #expect(test.take()?.offsets == [2])
    }

    @Test
    func `a call that outlives its partition has no effect, and holds back its key alone`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "b"))
        let works = test.takeAll()
        test.settle(works[1], .done)
        #expect(test.end() == 1 && test.counts.abandoned == 1)
        #expect(test.figures.waiting == 0 && test.figures.running == 1)
        test.begin()
        test.add(.event(0, key: "a"), .event(1, key: "b"))
        #expect(test.takeAll().map(\.offsets) == [[1]])
        let next = try test.next(works[0], .done)
        #expect(next.offsets == [0] && test.counts.handled == 1 && test.orphans.isEmpty)
        #expect(test.settle(next, .done).next == nil && test.committed?.offset == 1)
    }

    @Test
    func `a record without a key does not wait for a call that outlives its partition`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: nil))
        let orphan = try test.taken()
        #expect(test.end() == 1)
        test.begin()
        test.add(.event(1, key: nil))
        #expect(test.take()?.offsets == [1])
        test.settle(orphan, .done)
    }

    @Test
    func `a partition that goes twice while a call runs waits for that one call`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"))
        let orphan = try test.taken()
        for _ in 0..<3 {
            _ = test.end()
            test.begin()
            test.add(.event(0, key: "a"))
            #expect(test.take() == nil)
        }
        test.drain()
        #expect(test.busyCount == 0)
        _ = test.end()
        #expect(test.settle(orphan, .failed("too late")).next == nil)
        #expect(test.figures.running == 0 && test.orphans.isEmpty)
    }

    @Test
    func `parked keys count for the member that has their partition`() {
        let test = LanesUnderTest(begins: false)
        test.begin(parked: [.parked("a", from: 0, last: 1), .parked("b", from: 0, last: 2)])
        #expect(test.figures.parkedKeys == 2 && test.parkedCount == 2)
        _ = test.end()
        #expect(test.parkedCount == 0)
    }
}
