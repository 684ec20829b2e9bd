import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

/// What the handler depends on is in trouble, and no record is to blame.
@Suite
struct LanesHoldTests {
    private static func lanes(_ change: (inout LaneRules) -> Void = { _ in }) -> LanesUnderTest {
        LanesUnderTest {
            $0.holdAfter = 3
            change(&$0)
        }
    }

    private static func fill(_ test: LanesUnderTest, _ count: Int64) {
        for offset in 0..<count { test.add(.event(offset, key: "\(offset)")) }
    }

    private static func told(_ test: LanesUnderTest) -> [String] {
        test.notices.compactMap {
            switch $0 {
            case .held(let hold): "held: \(hold.cause)"
            case .released: "released"
            default: nil
            }
        }
    }

    @Test
    func `a handler that holds gets one record to try after each pause, and no attempt counts`() throws {
        let test = Self.lanes()
        Self.fill(test, 5)
        let works = [try test.taken(), try test.taken()]
        #expect(test.settle(works[0], .hold("refused")).next == nil)
        #expect(test.settle(works[1], .hold("refused")).next == nil)
        #expect(test.take() == nil && Self.told(test) == ["held: refused"])
        var pauses: [Duration] = []
        for _ in 0..<8 {
            let before = test.now.steady
            while test.lanes.nextDue.map({ $0 > test.now.steady }) ?? false, test.take() == nil {
                test.wait(.milliseconds(500))
            }
            pauses.append(test.now.steady - before)
            let probe = try #require(test.takeAll().first ?? nil)
            #expect(test.take() == nil && probe.consumed?.attempt == 1)
            test.settle(probe, .hold("refused"))
        }
        #expect(pauses.last.map { $0 <= .seconds(11) } == true)
        #expect(Self.told(test) == ["held: refused"] && test.figures.hold?.waiting == 5)
        test.wait(.seconds(10))
        let probe = try test.taken()
        let settlement = test.settle(probe, .done)
        #expect(settlement.ringsLoop && Self.told(test) == ["held: refused", "released"])
        #expect(test.figures.hold == nil && test.counts.deadLetters.isEmpty)
        // All at once, those too whose pause is not over.
        #expect((settlement.next.map { [$0] } ?? []).count + test.takeAll().count == 4)
    }

    @Test
    func `records of several keys that fail with none done between hold the others, and get their attempts back`()
        throws
    {
        let test = Self.lanes { $0.retry.attemptsMax = 2 }
        Self.fill(test, 4)
        let works = test.takeAll()
        test.settle(works[0], .retry("500"))
        test.settle(works[1], .retry("500"))
        #expect(test.figures.hold == nil)
        test.settle(works[2], .retry("500"))
        #expect(test.figures.hold?.cause == "500")
        // One that was on its way tells nothing new.
        test.settle(works[3], .retry("500"))
        for _ in 0..<20 {
            test.wait(.seconds(10))
            let probe = try test.taken()
            #expect(probe.consumed?.attempt == 1)
            test.settle(probe, .retry("500"))
        }
        test.wait(.seconds(10))
        #expect(test.handleAll().count == 4 && test.counts.deadLetters.isEmpty && test.parkedCount == 0)
    }

    @Test
    func `a key that fails again and again holds no other`() throws {
        let test = Self.lanes { $0.afterDeadLetter = .continue }
        for offset in Int64(0)..<9 { test.add(.event(offset, key: "a")) }
        while test.figures.waiting > 0 {
            var next = test.take()
            while let work = next {
                let isCall = if case .handle = work.step { true } else { false }
                next = (isCall ? test.settle(work, .retry("500")) : test.finish(work)).next
            }
            test.wait(.seconds(60))
        }
        #expect(test.figures.hold == nil && test.counts.deadLetters["attempts"] == 9)
    }

    @Test
    func `tries go round, so that a record that always fails holds no other up`() throws {
        let test = Self.lanes()
        Self.fill(test, 3)
        for work in test.takeAll() { test.settle(work, .hold("no")) }
        test.add(.event(3, key: "good"))
        var tried: Set<Int64> = []
        for _ in 0..<4 {
            test.wait(.seconds(10))
            let probe = try test.taken()
            tried.formUnion(probe.offsets)
            test.settle(probe, .retry("no"))
        }
        #expect(tried == [0, 1, 2, 3])
    }

    @Test
    func `a record that fails while others are done is given up, however many such records there are`() throws {
        let test = Self.lanes { $0.retry = RetryPolicy(attemptsMax: 3, firstDelay: .seconds(1), delayMax: .seconds(1)) }
        Self.fill(test, 3)
        var offset: Int64 = 3
        for _ in 0..<100 where test.counts.deadLetters["attempts"] != 3 {
            test.wait(.seconds(10))
            test.add(.event(offset, key: "good \(offset)"))
            offset += 1
            var next = test.take()
            while let work = next {
                let isBad = if case .handle = work.step { work.offsets[0] < 3 } else { false }
                next = isBad ? test.settle(work, .retry("500")).next : test.finish(work).next
                next = next ?? test.take()
            }
        }
        #expect(test.counts.deadLetters == ["attempts": 3])
    }

    @Test
    func `a record alone uses up its attempts, and not before the time to give up`() throws {
        let test = Self.lanes { $0.retry.giveUpAfter = .seconds(3600) }
        Self.fill(test, 1)
        while test.now.steady < .seconds(3600) {
            let work = try test.taken()
            #expect(work.reasons == [])
            test.settle(work, .retry("500"))
            test.wait(.seconds(61))
        }
        let last = try test.taken()
        #expect(last.consumed?.attempt ?? 0 > 3)
        #expect(test.settle(last, .retry("500")).next?.reasons == ["attempts"])
    }

    @Test
    func `a service that asks for time gets it from all, without a word`() throws {
        let test = Self.lanes()
        Self.fill(test, 4)
        let works = [try test.taken(), try test.taken()]
        test.settle(works[0], .hold("429", after: .seconds(2)))
        // It began before the service asked.
        #expect(test.settle(works[1], .done).next == nil)
        test.wait(.milliseconds(1999))
        #expect(test.take() == nil)
        test.wait(.milliseconds(1))
        #expect(test.handleAll().count == 3)
        #expect(
            Self.told(test).isEmpty && test.figures.counts.holds == 1 && test.figures.counts.heldTime == .seconds(2)
        )
    }

    @Test
    func `a service that asks for time again and again is told in the end`() throws {
        let test = Self.lanes()
        Self.fill(test, 1)
        for _ in 0..<40 {
            test.settle(try test.taken(), .hold("503", after: .seconds(1)))
            test.wait(.seconds(1))
        }
        #expect(Self.told(test) == ["held: 503"])
    }

    @Test(arguments: [Verdict.skip, .deadLetter(.handler, "never")])
    func `a try that says nothing against the service does not keep the others waiting`(verdict: Verdict) throws {
        let test = Self.lanes()
        Self.fill(test, 3)
        test.settle(try test.taken(), .hold("no"))
        test.wait(.seconds(1))
        let next = test.settle(try test.taken(), verdict).next
        #expect(next != nil)
        #expect((test.figures.hold == nil) == (verdict != .skip))
    }

    @Test
    func `a try whose partition goes elsewhere lets the next one begin`() throws {
        let test = Self.lanes()
        Self.fill(test, 2)
        test.settle(try test.taken(), .hold("no"))
        test.wait(.seconds(1))
        let probe = try test.taken()
        _ = test.end()
        test.settle(probe, .retry("cancelled"))
        test.begin()
        Self.fill(test, 2)
        #expect(test.take() != nil)
    }

    @Test
    func `dead letters go on being written while all else is held`() throws {
        let test = Self.lanes()
        Self.fill(test, 3)
        let works = test.takeAll()
        test.settle(works[0], .hold("no"))
        let letter = try test.next(works[1], .deadLetter(.handler, "never"))
        #expect(letter.reasons == ["handler"])
    }

    /// Outages of three kinds and records that always fail, at random.
    @Test
    func `through any outage all is done in order, once, and only what fails while others are done is given up`() throws
    {
        var seeds = SeededGenerator()
        for _ in 0..<20 {
            var random = SeededGenerator(seed: seeds.next())
            let test = Self.lanes {
                $0.lanesMax = Int.random(in: 1...8, using: &random)
                $0.retry = RetryPolicy(
                    attemptsMax: 3,
                    firstDelay: .milliseconds(100),
                    delayMax: .seconds(1),
                    giveUpAfter: .seconds(600)
                )
            }
            let poison = Int64.random(in: 0..<60, using: &random)
            for offset in Int64(0)..<60 {
                test.add(.event(offset, key: offset == poison ? "poison" : "\(offset % 7)"))
            }
            var done: [String: [Int64]] = [:]
            var running: [LaneWork] = []
            var trouble: Verdict?
            var offset: Int64 = 60
            var turn = 0
            while turn < 4000, test.figures.waiting > 0 {
                turn += 1
                // In the end all is well, and there are other records, so that the one which fails is to blame.
                if turn > 400, turn % 20 == 0 {
                    test.add(.event(offset, key: "late \(offset)"))
                    offset += 1
                }
                if turn % 40 == 1 {
                    let troubles: [Verdict?] = [
                        nil, nil, .hold("refused"), .retry("500"), .hold("429", after: .milliseconds(700)),
                    ]
                    trouble = turn < 400 ? troubles.randomElement(using: &random) ?? nil : nil
                }
                running += test.takeAll()
                running.shuffle(using: &random)
                while let work = running.popLast() {
                    guard let consumed = work.consumed else {
                        running += test.finish(work).next.map { [$0] } ?? []
                        continue
                    }
                    let isPoison = work.offsets == [poison]
                    if trouble == nil, !isPoison {
                        let key = String(decoding: consumed.record.key ?? [], as: UTF8.self)
                        done[key, default: []] += work.offsets
                    }
                    let settlement = test.settle(work, trouble ?? (isPoison ? .retry("it is poison") : .done))
                    running += settlement.next.map { [$0] } ?? []
                    if Int.random(in: 0..<3, using: &random) == 0 { break }
                }
                // Outages are over long before a record may be given up; with few keys left only time tells.
                test.wait(.milliseconds(Int.random(in: 0...(turn > 400 ? 20_000 : 400), using: &random)))
            }
            #expect(test.figures.waiting == 0 && running.isEmpty, "\(random)")
            #expect(done.values.allSatisfy { $0 == $0.sorted() && Set($0).count == $0.count }, "\(random)")
            #expect(done.values.reduce(0) { $0 + $1.count } >= 59, "\(random)")
            #expect(test.counts.deadLetters.values.reduce(0, +) <= 1, "\(random): \(test.counts.deadLetters)")
        }
    }
}
