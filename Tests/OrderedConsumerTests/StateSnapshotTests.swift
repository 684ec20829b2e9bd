import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct StateSnapshotTests {
    private let key = ParkedKey(
        topic: "events",
        key: [1],
        partition: 0,
        offset: 3,
        reason: .attempts,
        parkedAtMilliseconds: 5
    )

    @Test
    func `the newest record of each key counts`() {
        var snapshot = StateSnapshot(topic: "events")
        var later = key
        later.lastDeadLetter = 9
        let entries: [StateEntry] = [
            .parked(key), .paused(Pause(sinceMilliseconds: 1)), .redriven(partition: 2, CompletedOffsets(next: 4)),
            .parked(later), .redriven(partition: 2, CompletedOffsets(next: 5)),
        ]
        for entry in entries { snapshot.apply(entry.record(to: "s")) }
        #expect(snapshot.parked == [StateKey.parked(topic: "events", key: [1]): later])
        #expect(snapshot.redriven == [2: CompletedOffsets(next: 5)] && snapshot.pause == Pause(sinceMilliseconds: 1))
        for entry in entries { snapshot.apply(StateEntry.gone(entry.key).record(to: "s")) }
        #expect(snapshot == StateSnapshot(topic: "events"))
    }

    @Test
    func `what is not this topic's, or not known, is counted and left alone`() {
        var snapshot = StateSnapshot(topic: "other")
        snapshot.apply(StateEntry.parked(key).record(to: "s"))
        snapshot.apply(StateEntry.gone(.parked(topic: "events", key: [1])).record(to: "s"))
        snapshot.apply(Kafka.Record(topic: "s", key: Array("members".utf8), value: [1]))
        snapshot.apply(Kafka.Record(topic: "s", key: Array("paused".utf8), value: [1]))
        #expect(snapshot.parked.isEmpty && snapshot.pause == nil && snapshot.unreadable == 4)
    }
}
