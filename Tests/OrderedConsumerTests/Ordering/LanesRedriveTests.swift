import Kafka
import Testing

@testable import OrderedConsumer

/// Records of the group's redrive topic, beside those of the topic.
@Suite
struct LanesRedriveTests {
    /// A member whose key `a` was parked by the record at 0; its dead letter is at 10.
    private func parkedTest() throws -> LanesUnderTest {
        let test = LanesUnderTest(begins: false)
        test.begin(redrivesFrom: 0)
        test.add(.event(0, key: "a"))
        test.settle(try test.next(test.taken(), .deadLetter(.handler, "never")), .gaveUp(at: 10))
        return test
    }

    private static func redriven(
        _ offset: Int64,
        _ run: String,
        origin: Int64,
        key: String = "a",
        drained: Int64? = nil,
        known: Int64? = 11
    ) -> Kafka.Record {
        var record = Kafka.Record.event(offset, key: key, mark: .own(run, origin, drained: drained, known: known))
        record.timestampMilliseconds = origin
        return record
    }

    @Test
    func `a redriven record is handled at its first place, frees its key, and moves no offset of the topic`() throws {
        let test = try parkedTest()
        test.addRedriven(Self.redriven(0, "r", origin: 0, drained: 10))
        let work = try test.taken()
        #expect(work.consumed?.redrives == 1)
        let place = work.consumed.map { ($0.record.topic, $0.record.partition, $0.record.offset) }
        #expect(place?.0 == "t" && place?.1 == 0 && place?.2 == 0)
        let write = try test.next(work, .done)
        #expect(write.entry == .gone(.parked(topic: "t", key: Array("a".utf8))))
        #expect(test.committedRedrives?.offset == 0 && test.committed?.offset == 1)
        test.settle(write, .written)
        #expect(test.committedRedrives?.offset == 1 && test.committed?.offset == 1 && test.figures.parkedKeys == 0)
    }

    @Test
    func `of two runs at once each dead letter is handled once, and the key is freed`() throws {
        let test = try parkedTest()
        test.add(.event(1, key: "a"))
        #expect(test.handleAll() == [1])
        for (place, (run, origin)) in [("r", 0), ("s", 0), ("r", 1), ("s", 1)].enumerated() {
            test.addRedriven(Self.redriven(Int64(place), run, origin: Int64(origin), drained: origin == 1 ? 11 : nil))
        }
        #expect(test.handleAll() == [0, 1])
        #expect(test.figures.parkedKeys == 0 && test.committedRedrives?.offset == 4)
        #expect(test.counts.handledBefore == 2)
    }

    @Test
    func `what a second run sends of a parked key that is free by then does not come behind its later records`() throws
    {
        let test = try parkedTest()
        test.addRedriven(Self.redriven(0, "r", origin: 0, drained: 10))
        #expect(test.handleAll() == [0])
        test.add(.event(1, key: "a"))
        #expect(test.handleAll() == [1])
        // A member that has not seen the first one, since it was another's then.
        let other = LanesUnderTest(begins: false)
        other.begin(committed: 2, redrivesFrom: 1)
        other.addRedriven(Self.redriven(1, "s", origin: 0, drained: 10))
        #expect(other.handleAll() == [] && other.committedRedrives?.offset == 2)
    }

    @Test
    func `a run that is known to have been handled still ends: its last record says what is drained`() throws {
        let test = try parkedTest()
        test.addRedriven(Self.redriven(0, "r", origin: 0, drained: 9))
        let write = try test.next(test.taken(), .done)
        guard case .parked(let parked)? = write.entry else { return #expect(Bool(false)) }
        #expect(parked.redrivenRun == "r")
        test.settle(write, .written)
        test.addRedriven(Self.redriven(1, "s", origin: 0, drained: 10))
        #expect(try test.taken().entry == .gone(.parked(topic: "t", key: Array("a".utf8))))
    }

    @Test
    func `a redriven record that fails again goes to the dead letters with its first place, and holds back its run`()
        throws
    {
        let test = try parkedTest()
        test.add(.event(1, key: "a"))
        #expect(test.handleAll() == [1])
        test.addRedriven(Self.redriven(0, "r", origin: 0), Self.redriven(1, "r", origin: 1, drained: 11))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "again"))
        guard case .giveUp(let letters, let parking, let isNew) = letter.step else { return #expect(Bool(false)) }
        #expect(letters[0].letter.topic == "t" && letters[0].letter.origin == RecordPlace(partition: 0, offset: 0))
        #expect(letters[0].letter.redrives == 1 && !isNew && parking?.blockedRun == "r" && parking?.offset == 0)
        let rest = try test.next(letter, .gaveUp(at: 12))
        #expect(rest.reasons == ["parked"] && rest.offsets == [1])
        test.settle(rest, .gaveUp(at: 13))
        #expect(test.committedRedrives?.offset == 2)
    }

    @Test
    func `what a run sent that did not know of a record's second failure does not pass it, and what knew of it does`()
        throws
    {
        let test = try parkedTest()
        test.add(.event(1, key: "a"))
        #expect(test.handleAll() == [1])
        test.addRedriven(Self.redriven(0, "r", origin: 0, known: 10), Self.redriven(1, "s", origin: 1, known: 11))
        let letter = try test.next(test.taken(), .deadLetter(.handler, "again"))
        let rest = try test.next(letter, .gaveUp(at: 12))
        #expect(rest.reasons == ["parked"] && rest.offsets == [1])
        test.settle(rest, .gaveUp(at: 13))
        test.addRedriven(Self.redriven(2, "t", origin: 0, known: 12))
        #expect(try test.taken().reasons == ["parked"], "it does not know of the dead letter at 13")
    }

    @Test
    func `what is in the redrive topic and is not the partition's or the group's is passed over`() throws {
        let test = try parkedTest()
        let elsewhere = RedriveMark(group: "g", run: "r", count: 1, origin: RecordPlace(partition: 1, offset: 0))
        let foreign = RedriveMark(group: "h", run: "r", count: 1, origin: RecordPlace(partition: 0, offset: 0))
        test.addRedriven(.event(0, key: "a"), .event(1, key: "a", mark: elsewhere), .event(2, key: "a", mark: foreign))
        #expect(test.handleAll() == [] && test.counts.forOthers == 3 && test.committedRedrives?.offset == 3)
    }

    @Test
    func `a redrive topic that was made again, and a topic that was, lose nothing of the other`() throws {
        let test = try parkedTest()
        test.addRedriven(Self.redriven(5, "r", origin: 0))
        test.addRedriven(Self.redriven(0, "s", origin: 7, key: "b", known: nil))
        #expect(test.handleAll() == [0, 7])
        #expect(test.committedRedrives?.offset == 1)
        test.addRedriven(Self.redriven(1, "s", origin: 8, key: "b", known: nil))
        test.add(.event(0, key: "c"))
        #expect(Set(test.handleAll()) == [0, 8])
        #expect(test.committedRedrives?.offset == 2 && test.committed?.offset == 1)
    }

    @Test
    func `without a partition of the redrive topic nothing of it is read or committed`() {
        let test = LanesUnderTest()
        test.addRedriven(Self.redriven(0, "r", origin: 0))
        #expect(test.take() == nil && test.committedRedrives == nil)
        #expect(test.room(in: LanesUnderTest.redrives) == 0)
    }
}
