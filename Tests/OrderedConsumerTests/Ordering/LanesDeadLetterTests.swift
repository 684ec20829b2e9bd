import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct LanesDeadLetterTests {
    /// A member whose key `a` was parked by the record at 0, with its dead letter at 10.
    private func parkedTest(_ change: (inout LaneRules) -> Void = { _ in }) throws -> LanesUnderTest {
        let test = LanesUnderTest(change)
        test.add(.event(0, key: "a", id: "x"))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "never"))
        #expect(letter.parking?.offset == 0 && letter.parking?.id == "x")
        if case .giveUp(_, _, let isNew) = letter.step { #expect(isNew) }
        test.settle(letter, .gaveUp(at: 10))
        #expect(test.figures.parkedKeys == 1)
        return test
    }

    @Test
    func `attempts end in the dead letters`() throws {
        let test = LanesUnderTest { $0.handlerDeadline = nil }
        test.add(.event(0, key: "a"))
        for _ in 0..<2 {
            test.settle(try test.taken(), .retry("no"))
            test.wait(.seconds(60))
        }
        let letter = try test.next(test.taken(), .retry("no"))
        guard case .giveUp(let letters, _, _) = letter.step else { return #expect(Bool(false)) }
        #expect(letters[0].letter.reason == .attempts && letters[0].letter.attempts == 3)
        #expect(letters[0].letter.message == "no")
        #expect(letters[0].letter.lastFailureMilliseconds - letters[0].letter.firstFailureMilliseconds == 120_000)
        #expect(test.counts.retries == 2)
        test.settle(letter, .gaveUp(at: 7))
        #expect(test.counts.deadLetters == ["attempts": 1] && test.committed?.offset == 1)
    }

    @Test
    func `a parked key's records follow it, and those of other keys do not`() throws {
        let test = try parkedTest()
        test.add(.event(1, key: "a"), .event(2, key: "b"), .event(3, key: "a"))
        let works = test.takeAll()
        #expect(works.map(\.offsets) == [[1], [2]] && works[0].reasons == ["parked"])
        #expect(works[0].parking == .parked("a", from: 0, last: 10).with(test.now, id: "x"))
        let next = try test.next(works[0], .gaveUp(at: 11))
        #expect(next.reasons == ["parked"] && next.offsets == [3] && next.parking?.lastDeadLetter == 11)
    }

    @Test
    func `without parking a key goes on, and so do records without a key`() throws {
        let test = LanesUnderTest { $0.afterDeadLetter = .continue }
        test.add(.event(0, key: "a"), .event(1, key: "a"))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "never"))
        #expect(letter.parking == nil)
        #expect(test.settle(letter, .gaveUp(at: 0)).next?.consumed?.record.offset == 1)
        let keyless = LanesUnderTest()
        keyless.add(.event(0, key: nil))
        let other = try keyless.next(keyless.taken(), .deadLetter(.handler, "never"))
        #expect(other.parking == nil)
        keyless.settle(other, .gaveUp(at: 0))
        #expect(keyless.figures.parkedKeys == 0 && keyless.committed?.offset == 1)
    }

    @Test
    func `a key whose entry never fits is not parked, is named, and goes on`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "a"))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "never"))
        #expect(letter.parking != nil)
        var given = LaneWork.GivenUp(places: [RecordPlace(partition: 0, offset: 4)])
        (given.omitted, given.refusedParking) = ([0: 77], "too long")
        let settlement = test.settle(letter, .gaveUp(given))
        #expect(settlement.next?.consumed?.record.offset == 1)
        #expect(test.figures.parkedKeys == 0 && test.committed?.offset == 1)
        let told = settlement.notices.compactMap { notice in
            switch notice {
            case .deadLettered(let letter, let place): "\(letter.omittedValueBytes ?? -1) \(place)"
            case .notParked(let parked, let why): "\(String(decoding: parked.key, as: UTF8.self)) \(why)"
            default: nil
            }
        }
        #expect(told == ["77 0@4", "a too long"])
    }

    @Test
    func `a dead letter that cannot be written is tried again, and nothing passes it`() throws {
        let test = LanesUnderTest()
        test.add(.event(0, key: "a"), .event(1, key: "a"))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "never"))
        #expect(test.settle(letter, .failed("no broker")).next == nil)
        #expect(test.counts.storeFailures == 1 && test.committed?.offset == 0)
        test.wait(.seconds(1))
        let again = try test.taken()
        #expect(again.reasons == ["handler"] && again.offsets == [0] && test.take() == nil)
        #expect(test.settle(again, .gaveUp(at: 3)).next?.reasons == ["parked"])
    }

    @Test
    func `no more keys are parked than may be, also of those that fail at once`() throws {
        let test = LanesUnderTest { $0.parkedKeysMax = 2 }
        for offset in Int64(0)..<5 { test.add(.event(offset, key: "\(offset)")) }
        var letters: [LaneWork] = []
        for work in test.takeAll() {
            if let next = test.settle(work, .deadLetter(.handler, "never")).next { letters.append(next) }
        }
        letters += test.takeAll()
        #expect(letters.count == 2)
        for (place, letter) in letters.enumerated() { test.settle(letter, .gaveUp(at: Int64(place))) }
        #expect(test.figures.parkedKeys == 2 && test.take() == nil)
        #expect(test.counts.refusedParkings == 3 && test.committed?.offset == 2)
        test.wait(.seconds(60))
        #expect(test.take() == nil && test.counts.refusedParkings == 6)
    }

    @Test
    func `a refused parking does not hold a drain up`() throws {
        let test = LanesUnderTest { $0.parkedKeysMax = 0 }
        test.add(.event(0, key: "a"))
        let work = try test.taken()
        test.drain()
        #expect(test.settle(work, .deadLetter(.handler, "never")).next == nil)
        #expect(test.busyCount == 0)
        #expect(test.figures.waiting == 0 && test.committed?.offset == 0)
    }

    @Test
    func `what stood before the first dead letter is handled, and what failed among it holds back the rest`() throws {
        let test = LanesUnderTest(begins: false)
        test.begin(parked: [.parked("a", from: 2, last: 0)])
        test.add(.event(0, key: "a"), .event(1, key: "a"), .event(2, key: "a"))
        let first = try test.taken()
        #expect(first.consumed?.record.offset == 0)
        let letter = try test.next(first, .deadLetter(.handler, "never"))
        let next = try test.next(letter, .gaveUp(at: 1))
        #expect(next.reasons == ["parked"] && next.offsets == [1] && next.parking?.offset == 0)
    }

    @Test
    func `with a reorder window a key's records follow its dead letter wherever they stood`() throws {
        let test = LanesUnderTest { $0.reorderWindow = .seconds(1) }
        test.add(.event(0, key: "a", time: 200), .event(1, key: "a", time: 100))
        test.wait(.seconds(1))
        let first = try test.taken()
        #expect(first.offsets == [1])
        let letter = try test.next(first, .deadLetter(.handler, "never"))
        let next = try test.next(letter, .gaveUp(at: 0))
        #expect(next.reasons == ["parked"] && next.offsets == [0])
    }

    @Test
    func `redriven records of a parked key are handled, and its last one frees the key`() throws {
        let test = try parkedTest()
        test.add(.event(1, key: "a", mark: .own("r", 0, drained: 10)), .event(2, key: "a"))
        let work = try test.taken()
        #expect(work.consumed?.redrives == 1)
        let write = try test.next(work, .done)
        #expect(write.entry == .gone(.parked(topic: "t", key: Array("a".utf8))))
        // Until that is written, the redriven record is not done.
        #expect(test.committed?.offset == 1)
        let next = test.settle(write, .written).next
        #expect(next?.consumed?.record.offset == 2 && test.figures.parkedKeys == 0)
        #expect(test.committed?.offset == 2)
    }

    @Test
    func `a key stays parked while it has a newer dead letter`() throws {
        let test = try parkedTest()
        test.add(.event(1, key: "a"), .event(2, key: "a", mark: .own("r", 0, drained: 10)))
        let redriven = try test.next(test.taken(), .gaveUp(at: 11))
        let write = try test.next(redriven, .done)
        guard case .parked(let parked)? = write.entry else { return #expect(Bool(false)) }
        #expect(parked.redrivenRun == "r" && parked.lastDeadLetter == 11)
        test.settle(write, .written)
        #expect(test.figures.parkedKeys == 1)
        test.add(.event(3, key: "a", mark: .own("s", 1, drained: 11)))
        let last = try test.next(test.taken(), .skip)
        #expect(last.entry == .gone(.parked(topic: "t", key: Array("a".utf8))))
    }

    @Test
    func `an entry that cannot be written is tried again before the key goes on`() throws {
        let test = try parkedTest()
        test.add(.event(1, key: "a", mark: .own("r", 0, drained: 10)), .event(2, key: "a"))
        let write = try test.next(test.taken(), .done)
        #expect(test.settle(write, .failed("no broker")).next == nil && test.take() == nil)
        test.wait(.seconds(1))
        let again = try test.taken()
        #expect(again.entry != nil && test.counts.handled == 1)
        #expect(test.settle(again, .written).next?.offsets == [2])
    }

    @Test
    func `a redriven record that fails again holds back the rest of its run, and not the next run`() throws {
        let test = try parkedTest()
        test.add(.event(1, key: "a", mark: .own("r", 0)), .event(2, key: "a", mark: .own("r", 1, drained: 11)))
        test.add(.event(3, key: "a", mark: .own("s", 0, count: 2)))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "again"))
        #expect(letter.parking?.blockedRun == "r")
        guard case .giveUp(let letters, _, let isNew) = letter.step else { return #expect(Bool(false)) }
        #expect(letters[0].letter.redrives == 1 && letters[0].letter.origin.offset == 0 && !isNew)
        let rest = try test.next(letter, .gaveUp(at: 12))
        #expect(rest.reasons == ["parked"] && rest.offsets == [2] && rest.parking?.blockedRun == "r")
        let next = test.settle(rest, .gaveUp(at: 13)).next
        #expect(next?.consumed?.record.offset == 3 && next?.consumed?.redrives == 2)
    }

    @Test
    func `a coalesced call that is given up gives up all its records, in order`() throws {
        let test = LanesUnderTest { $0.isCoalescing = true }
        test.add(.event(0, key: "a"), .event(1, key: "a"), .event(2, key: "a"))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "never"))
        #expect(letter.offsets == [0, 1, 2] && letter.parking?.offset == 0)
        test.settle(letter, .gaveUp(at: (4...6).map { RecordPlace(partition: 0, offset: $0) }))
        #expect(test.committed?.offset == 3 && test.counts.deadLetters == ["handler": 3])
        test.add(.event(3, key: "a"), .event(4, key: "a"))
        let next = try test.taken()
        #expect(next.offsets == [3] && next.parking?.lastDeadLetter == 6)
    }
}

extension ParkedKey {
    fileprivate func with(_ now: Moment, id: String?) -> ParkedKey {
        var copy = self
        copy.id = id
        copy.parkedAtMilliseconds = now.wall
        return copy
    }
}
