import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct GroupReportTests {
    static let now: Int64 = 1_791_277_400_000

    private static let topics = try? GroupTopics(topic: "events", group: "billing")

    private static func member(_ clientID: String, _ partitions: [Int32]) -> GroupMemberDescription {
        GroupMemberDescription(
            clientID: clientID,
            host: "/127.0.0.1",
            memberID: "\(clientID)-id",
            assignment: partitions.map { TopicPartition(topic: "events", partition: $0) }
                + [TopicPartition(topic: "elsewhere", partition: 9)]
        )
    }

    private static func parked(_ key: [UInt8], at milliseconds: Int64, id: String?) -> Kafka.Record {
        let parked = ParkedKey(
            topic: "events",
            key: key,
            partition: 1,
            offset: 150,
            id: id,
            reason: .attempts,
            parkedAtMilliseconds: milliseconds
        )
        return StateEntry.parked(parked).record(to: "s")
    }

    private static func busy() throws -> GroupFacts {
        let topics = try #require(topics)
        var state = StateSnapshot(topic: "events")
        state.apply(parked(Array("page-1".utf8), at: now - 100_000, id: "e-1"))
        state.apply(parked([0xFF, 0x00], at: now - 200_000, id: nil))
        state.apply(parked(Array("page-3\u{1B}[2J".utf8), at: now - 50_000, id: "a\nb"))
        state.apply(StateEntry.paused(Pause(sinceMilliseconds: now - 1000, by: "ops\u{7}")).record(to: "s"))
        state.apply(Kafka.Record(topic: "s", key: [1], value: [1]))
        var tally = DeadLetterTally(topics: topics, redriven: [0: CompletedOffsets(next: 1)])
        for (offset, reason) in [DeadLetterReason.attempts, .attempts, .parked, .parked, .handler].enumerated() {
            let original = Kafka.Record(topic: "events", partition: 0, offset: Int64(offset), value: [])
            let letter = DeadLetter(
                of: original,
                group: "billing",
                reason: reason,
                message: "",
                attempts: 1,
                firstFailureMilliseconds: now - 90_000 + Int64(offset),
                lastFailureMilliseconds: now
            )
            var record = letter.record(from: original, to: "d")
            (record.partition, record.offset) = (0, Int64(offset))
            tally.count(record)
        }
        return GroupFacts(
            topics: topics,
            description: GroupDescription(
                id: "billing",
                state: .stable,
                assignor: "cooperative-sticky",
                members: [member("billing-1", [0, 2]), member("billing-2\u{1B}c", [1])]
            ),
            partitions: [
                PartitionFacts(
                    partition: 0,
                    kept: 100..<200,
                    committed: CommittedOffset(offset: 120, metadata: "relay1:3-2,4"),
                    oldestUnfinishedMilliseconds: now - 125_000
                ),
                PartitionFacts(
                    partition: 1,
                    kept: 100..<101,
                    committed: CommittedOffset(offset: 40),
                    oldestUnfinishedMilliseconds: now + 60_000
                ),
                PartitionFacts(partition: 2, kept: 0..<0, committed: nil),
            ],
            state: state,
            deadLetters: tally,
            isComplete: false
        )
    }

    @Test
    func `a busy group looks like this on a terminal`() throws {
        let lines = GroupReport(try Self.busy(), now: Self.now, parkedMax: 2).lines()
        #expect(
            lines.joined(separator: "\n") == """
                group billing on events: stable, 2 members, cooperative-sticky
                paused since 2026-10-06T09:03:19.000Z by ops\u{20}
                lag 77, the oldest 2m 5s old
                expired 60: removed from the topic before they were handled

                PARTITION  LOW  COMMITTED  HIGH  AHEAD  LAG  OLDEST  MEMBER
                        0  100        120   200      4   76   2m 5s  billing-1
                        1  100         40   101      0    1     0ms  billing-2 c
                        2    0          -     0      0    0       -  billing-1

                parked keys: 3
                KEY     PARTITION  OFFSET  REASON    SINCE                     ID
                0xff00          1     150  attempts  2026-10-06T09:00:00.000Z  -
                page-1          1     150  attempts  2026-10-06T09:01:40.000Z  e-1
                and 1 more

                dead letters in events.billing.dlq: 4 waiting since 2026-10-06T09:01:50.001Z, 1 redriven
                REASON    WAITING
                parked          2
                attempts        1
                handler         1
                state records of another version, or of no known kind: 1
                not everything was read: parked keys and dead letters may be more
                """
        )
    }

    @Test
    func `no text of others changes the terminal`() throws {
        let lines = GroupReport(try Self.busy(), now: Self.now).lines()
        #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } })
        #expect(lines.contains { $0.hasPrefix("0x706167652d331b5b324a ") && $0.hasSuffix(" a b") })
    }

    @Test
    func `a busy group looks like this to programs`() throws {
        #expect(
            GroupReport(try Self.busy(), now: Self.now, parkedMax: 1).json
                == #"{"assignor":"cooperative-sticky","dead_letters":{"foreign":0,"#
                + #""oldest_waiting_at":"2026-10-06T09:01:50.001Z","redriven":1,"#
                + #""topic":"events.billing.dlq","waiting":4,"#
                + #""waiting_by_reason":{"attempts":1,"handler":1,"parked":2}},"expired":60,"group":"billing","#
                + #""has_state_topic":true,"is_complete":false,"lag":77,"members":["#
                + #"{"client_id":"billing-1","host":"/127.0.0.1","member_id":"billing-1-id","partitions":[0,2]},"#
                + #"{"client_id":"billing-2\u001bc","host":"/127.0.0.1","member_id":"billing-2\u001bc-id","#
                + #""partitions":[1]}],"oldest_unfinished_age_ms":125000,"#
                + #""parked":[{"key":"0xff00","offset":150,"parked_at":"2026-10-06T09:00:00.000Z","partition":1,"#
                + #""reason":"attempts"}],"parked_count":3,"partitions":["#
                + #"{"committed":120,"done_ahead":4,"expired":0,"high":200,"lag":76,"low":100,"member":"billing-1","#
                + #""oldest_unfinished_age_ms":125000,"#
                + #""oldest_unfinished_at":"2026-10-06T09:01:15.000Z","partition":0},"#
                + #"{"committed":40,"done_ahead":0,"expired":60,"high":101,"lag":1,"low":100,"#
                + #""member":"billing-2\u001bc","#
                + #""oldest_unfinished_age_ms":0,"oldest_unfinished_at":"2026-10-06T09:04:20.000Z","partition":1},"#
                + #"{"done_ahead":0,"expired":0,"high":0,"lag":0,"low":0,"member":"billing-1","partition":2}],"#
                + #""paused_at":"2026-10-06T09:03:19.000Z","paused_by":"ops\u0007","state":"stable","topic":"events","#
                + #""unreadable_state_records":1}"#
        )
    }

    @Test
    func `a group that there is none of looks like this`() throws {
        let facts = GroupFacts(
            topics: try #require(Self.topics),
            description: GroupDescription(id: "billing", state: .dead),
            partitions: [PartitionFacts(partition: 0, kept: 0..<3, committed: nil)],
            state: nil,
            deadLetters: nil
        )
        #expect(
            GroupReport(facts, now: Self.now).lines().joined(separator: "\n") == """
                group billing on events: dead, 0 members
                lag 3

                PARTITION  LOW  COMMITTED  HIGH  AHEAD  LAG  OLDEST  MEMBER
                        0    0          -     3      0    3       -  -

                dead letters: there is no topic events.billing.dlq; if it exists, grant this user Read on it
                state: there is no topic events.billing.state, so nothing is parked and nothing pauses; if it exists, \
                grant this user Read on it
                """
        )
    }
}
