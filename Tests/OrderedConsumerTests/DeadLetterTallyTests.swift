import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct DeadLetterTallyTests {
    private let topics: GroupTopics

    init() throws {
        topics = try GroupTopics(topic: "events", group: "g")
    }

    private func letter(
        _ reason: DeadLetterReason?,
        at offset: Int64,
        group: String = "g",
        failedAt milliseconds: Int64 = 5000
    ) throws -> Kafka.Record {
        let original = Kafka.Record(topic: "events", partition: 1, offset: offset, value: [])
        let letter = DeadLetter(
            of: original,
            group: group,
            reason: try #require(reason),
            message: "",
            attempts: 1,
            firstFailureMilliseconds: milliseconds,
            lastFailureMilliseconds: 9000
        )
        var record = letter.record(from: original, to: topics.deadLetters)
        (record.partition, record.offset) = (1, offset)
        return record
    }

    @Test
    func `dead letters wait, were redriven, or are somebody else's`() throws {
        var tally = DeadLetterTally(topics: topics, redriven: [1: CompletedOffsets(next: 1, ranges: [3...3])])
        tally.count(try letter(.attempts, at: 0, failedAt: 1))
        tally.count(try letter(.attempts, at: 1))
        tally.count(try letter(.parked, at: 2, failedAt: 4000))
        tally.count(try letter(.parked, at: 3))
        tally.count(try letter(.parked, at: 4))
        tally.count(try letter(.parked, at: 5, group: "h"))
        tally.count(Kafka.Record(topic: "d", partition: 1, offset: 6, value: nil))
        #expect(tally.waiting == ["attempts": 1, "parked": 2])
        #expect(tally.redriven == 2 && tally.foreign == 2 && tally.oldestWaitingMilliseconds == 4000)
    }

    @Test
    func `a handler that puts data into its reasons fills no memory`() throws {
        var tally = DeadLetterTally(topics: topics, redriven: [:])
        for number in 0..<1000 { tally.count(try letter(DeadLetterReason("r\(number)"), at: Int64(number))) }
        tally.count(try letter(DeadLetterReason("r0"), at: 1000))
        #expect(tally.waiting.count == 101 && tally.waiting["(others)"] == 900 && tally.waiting["r0"] == 2)
    }
}
