import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct RecordFactsTests {
    @Test
    func `key, id, time and marks are read`() {
        let facts = RecordFacts(.event(3, key: "a", id: "x", time: 5, replay: .by("friday"), mark: .own("r", 0)))
        #expect(facts.key == KeyBytes(Array("a".utf8)) && facts.id == KeyBytes(Array("x".utf8)))
        #expect(facts.occurredAt == 1_767_225_600_005)
        #expect(facts.replayID == Array("friday".utf8) && facts.mark == .own("r", 0))
    }

    @Test
    func `a record without any has none`() {
        let facts = RecordFacts(Kafka.Record(topic: "t", value: [1]))
        #expect(facts.key == nil && facts.id == nil && facts.uniqueID == nil && facts.occurredAt == nil)
        #expect(facts.mark == nil && facts.replayID == nil && facts.headerBytes == 0)
    }

    @Test(arguments: ["relay-replay-ix", "Relay-Replay-Id", "relay-replay-i", "relay-replay-id2"])
    func `another name is no replay's`(name: String) {
        var record = ReplayMark.by("friday").applied(to: .event(0, key: "a", id: "x"))
        record.headers = record.headers.map { header in
            header.name == "relay-replay-id" ? Record.Header(name: name, value: header.value) : header
        }
        let facts = RecordFacts(record)
        #expect(facts.replayID == nil && facts.uniqueID == facts.id)
    }

    @Test(arguments: ["relay-replay-id", "relay-replay-count", "relay-replayed-from"], ["", "\n"])
    func `a replay's mark that cannot be read is none`(name: String, value: String) {
        let record = ReplayMark.by("friday").applied(to: .event(0, key: "a", id: "x"))
        let facts = RecordFacts(record.replacing(name, Array(value.utf8)))
        #expect(facts.replayID == nil && facts.uniqueID == facts.id)
    }

    @Test
    func `an id stands for another event in each replay`() {
        let replayed = ["a", "b", "a"].map { RecordFacts(.event(0, key: "k", id: "x", replay: .by($0))).uniqueID }
        let plain = RecordFacts(.event(0, key: "k", id: "x")).uniqueID
        #expect(Set(replayed + [plain]).count == 3 && replayed[0] == replayed[2])
    }
}
