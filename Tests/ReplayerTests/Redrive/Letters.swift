import Kafka
import OrderedConsumer
import Replayer

/// Dead letters of the group `g` on the topic `t`, as they stand in their topic.
enum Letters {
    static func topics() throws -> GroupTopics { try GroupTopics(topic: "t", group: "g") }

    static func backlog(redriven: [Int32: CompletedOffsets] = [:], bytesMax: Int = .max) throws -> Backlog {
        Backlog(topics: try topics(), redriven: redriven, bytesMax: bytesMax)
    }

    static func record(
        _ offset: Int,
        key: String = "a",
        origin: Int,
        group: String = "g",
        type: String = "page.created",
        reason: DeadLetterReason = .attempts,
        redrives: Int = 0,
        time: Int64? = nil
    ) -> Record {
        let letter = DeadLetter(
            topic: "t",
            origin: RecordPlace(partition: 0, offset: Int64(origin)),
            timestampMilliseconds: time,
            group: group,
            reason: reason,
            message: "",
            attempts: 1,
            firstFailureMilliseconds: 0,
            lastFailureMilliseconds: 0,
            redrives: redrives
        )
        let original = Record(
            topic: "t",
            key: Array(key.utf8),
            headers: [Record.Header(name: "ce_type", value: Array("com.notion.\(type)".utf8))],
            value: nil
        )
        var record = letter.record(from: original, to: "t.g.dlq")
        record.partition = 0
        record.offset = Int64(offset)
        return record
    }

    /// The state of the group in which these keys are parked.
    static func parked(_ keys: String...) -> StateSnapshot {
        var state = StateSnapshot(topic: "t")
        for key in keys {
            let entry = ParkedKey(
                topic: "t",
                key: Array(key.utf8),
                partition: 0,
                offset: 0,
                reason: .attempts,
                parkedAtMilliseconds: 0
            )
            state.apply(StateEntry.parked(entry).record(to: "t.g.state"))
        }
        return state
    }
}
