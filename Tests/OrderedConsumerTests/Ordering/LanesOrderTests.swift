import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct LanesOrderTests {
    @Test
    func `one call at a time for each key, in the topic's order, while other keys go on`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "a"), .event(2, key: "b"), .event(3, key: "a"))
        let works = test.takeAll()
        #expect(works.map(\.offsets) == [[0], [2]])
        let second = try test.next(works[0], .done)
        #expect(second.offsets == [1] && second.worker == works[0].worker && test.take() == nil)
        #expect(test.settle(second, .skip).next?.offsets == [3])
        #expect(test.counts.handled == 1 && test.counts.skipped == 1)
    }

    @Test
    func `records without a key wait for none`() {
        let test = LanesUnderTest()
        test.add(.event(0, key: nil), .event(1, key: nil), .event(2, key: nil))
        #expect(test.takeAll().map(\.offsets) == [[0], [1], [2]])
    }

    @Test
    func `no key is taken for a record without one`() {
        let test = LanesUnderTest()
        test.add(.event(0, key: nil), .event(1, key: nil))
        let internals = test.lanes.partitions[LanesUnderTest.partition]?.lanes.keys.map(\.bytes) ?? []
        for (place, bytes) in internals.enumerated() {
            var twin = Kafka.Record.event(Int64(place) + 2, key: nil)
            twin.key = bytes
            test.add(twin)
        }
        #expect(test.takeAll().count == 4)
    }

    @Test
    func `as many calls run as may, and fewer when told`() throws {
        let test = LanesUnderTest { $0.lanesMax = 2 }
        for offset in Int64(0)..<6 { test.add(.event(offset, key: "\(offset)")) }
        let works = test.takeAll()
        #expect(works.count == 2 && test.figures.running == 2)
        test.lanes.callsMax = 1
        #expect(test.settle(works[0], .done).next == nil)
        #expect(test.settle(works[1], .done).next?.offsets == [2])
        #expect(test.take() == nil)
    }

    @Test
    func `a failed call is made again after its pause, and only its key waits`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "a"), .event(2, key: "b"))
        let first = try test.taken()
        #expect(test.settle(first, .retry("no", after: .seconds(5))).next?.offsets == [2])
        test.wait(.milliseconds(4999))
        #expect(test.take() == nil)
        #expect(test.nextDue == .seconds(5))
        test.wait(.milliseconds(1))
        let again = try test.taken()
        #expect(again.offsets == [0] && again.consumed?.attempt == 2)
        #expect(test.settle(again, .done).next?.offsets == [1])
    }

    @Test
    func `a pause is not cut short by the timer of a lane that is gone`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"))
        test.settle(try test.taken(), .retry("no", after: .seconds(10)))
        test.drain()
        #expect(test.end() == 0)
        test.begin()
        test.add(.event(0, key: "b"))
        test.settle(try test.taken(), .retry("no", after: .seconds(3600)))
        test.wait(.seconds(3599))
        #expect(test.take() == nil)
        test.wait(.seconds(1))
        #expect(test.take()?.offsets == [0])
    }

    @Test
    func `what follows a call comes before other keys`() throws {
        let test = LanesUnderTest { $0.lanesMax = 1 }
        for offset in Int64(0)..<4 { test.add(.event(offset, key: "\(offset)")) }
        let next = test.settle(try test.taken(), .deadLetter(.handler, "never")).next
        #expect(next?.reasons == ["handler"] && next?.offsets == [0])
    }

    @Test
    func `while the group pauses nothing is begun, and what runs goes on to its end`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "b"), .event(2, key: "a"))
        let first = try test.taken()
        test.lanes.isPaused = true
        #expect(test.take() == nil)
        let letter = try test.next(first, .deadLetter(.handler, "never"))
        #expect(letter.reasons == ["handler"])
        #expect(test.settle(letter, .gaveUp(at: 0)).next == nil)
        test.lanes.isPaused = false
        #expect(test.takeAll().map(\.offsets) == [[1], [2]])
    }

    @Test
    func `once the loop has not turned for too long nothing is begun, and what runs goes on to its end`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "b"), .event(2, key: "a"))
        let first = try test.taken()
        test.lanes.beginsUntil = .zero
        #expect(test.take() == nil)
        let letter = try test.next(first, .deadLetter(.handler, "never"))
        #expect(letter.reasons == ["handler"])
        #expect(test.settle(letter, .gaveUp(at: 0)).next == nil)
        test.lanes.beginsUntil = .seconds(1)
        #expect(test.takeAll().map(\.offsets) == [[1], [2]])
    }

    @Test
    func `a coalesced call stands for all records of its key that wait`() throws {
        let test = LanesUnderTest { $0.isCoalescing = true }
        test.add(.event(0, key: "a", id: "x"))
        let first = try test.taken()
        test.add(.event(1, key: "a", id: "y"), .event(2, key: "b"), .event(3, key: "a"), .event(4, key: "a", id: "z"))
        let next = test.settle(first, .done).next
        #expect(next?.offsets == [2])
        let coalesced = try test.taken()
        let consumed = try #require(coalesced.consumed)
        #expect(consumed.record.offset == 4 && consumed.id == "z" && consumed.attempt == 1)
        #expect(consumed.superseded.map(\.id) == ["y", nil])
        #expect(consumed.superseded.map(\.place.offset) == [1, 3])
        test.settle(coalesced, .done)
        #expect(test.counts.handled == 4 && test.counts.superseded == 2)
    }

    @Test
    func `a coalesced call that fails is made again for the same records`() throws {
        let test = LanesUnderTest { $0.isCoalescing = true }
        test.add(.event(0, key: "a"), .event(1, key: "a"))
        test.settle(try test.taken(), .retry("no"))
        test.add(.event(2, key: "a"))
        test.wait(.seconds(1))
        let again = try test.taken()
        #expect(again.offsets == [0, 1] && again.consumed?.attempt == 2)
    }

    @Test
    func `a coalesced call has its limit`() {
        let test = LanesUnderTest {
            $0.isCoalescing = true
            $0.coalescedMax = 3
        }
        for offset in Int64(0)..<5 { test.add(.event(offset, key: "a")) }
        #expect(test.handleAll() == [0, 1, 2, 3, 4] && test.counts.superseded == 3)
    }

    @Test
    func `with a reorder window events of a key go by their time, and no later than the window`() {
        let test = LanesUnderTest { $0.reorderWindow = .seconds(1) }
        test.add(.event(0, key: "a", time: 500))
        test.wait(.milliseconds(900))
        test.add(.event(1, key: "a", time: 400), .event(2, key: "a", time: 600))
        #expect(test.take() == nil && test.nextDue == .seconds(1))
        test.wait(.milliseconds(100))
        #expect(test.handleAll() == [1, 0])
        test.wait(.milliseconds(900))
        #expect(test.handleAll() == [2])
    }
}
