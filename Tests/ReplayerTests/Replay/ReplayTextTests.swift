import Foundation
import Kafka
import Testing

@testable import Replayer

struct ReplayTextTests {
    private let request = ReplayRequest(
        topic: "notion.events.v1",
        window: .times(from: 1_790_000_000_000, to: nil),
        filter: ["--type": "page.*", "--entity": "it's"],
        target: .topic("copy")
    )

    @Test
    func `the command that does the rest can be pasted into a shell`() {
        let rest = [OffsetRange(partition: 0, first: 4, last: 9), OffsetRange(partition: 2, first: 7, last: 7)]
        #expect(
            ReplayCommandLine(kafka: ["a:1", "b:2"], request, rest: rest).text
                == "notion-relay replay --kafka a:1,b:2 --topic notion.events.v1 --offsets 0:4-9,2:7-7 "
                + #"--from 2026-09-21T14:13:20.000Z --entity 'it'\''s' --type 'page.*' --max-replays 3 --to-topic copy"#
        )
        #expect(
            ReplayCommandLine(kafka: ["a:1"], resuming: "friday", checkpointTopic: nil).text
                == "notion-relay replay --kafka a:1 --resume friday"
        )
    }

    @Test
    func `a plan shows the window of each partition`() throws {
        let window = ReplayWindow(
            stretches: [.init(partition: 0, first: 10, end: 1000), .init(partition: 1, first: 5, end: 5)],
            from: 1_790_000_000_000
        )
        let plan = ReplayPlan(id: "friday", request: request, window: window)
        #expect(
            plan.lines == [
                "replay friday: notion.events.v1 to topic copy",
                "window: record time from 2026-09-21T14:13:20.000Z up to the end",
                "filter: --entity it's --type page.*", "PARTITION  FIRST  LAST  OFFSETS",
                "        0     10   999      990", "        1      -     -        0",
                "at most 990 records: filters, record times and what was compacted away leave fewer",
            ]
        )
        #expect(
            plan.json
                == #"{"notices":[],"offsets":990,"partitions":[{"end":1000,"first":10,"offsets":990,"partition":0},"#
                + #"{"end":5,"first":5,"offsets":0,"partition":1}],"replay":"friday","target":"topic copy","#
                + #""topic":"notion.events.v1"}"#
        )
    }

    private struct Target: Sendable {
        let config: [String: String]
        var oldest: Int64 = 0
        var notice: String?
    }

    private static let targets = [
        Target(config: [:]), Target(config: ["retention.ms": "604800000"], oldest: 500_000_000),
        Target(
            config: ["retention.ms": "604800000"],
            notice: "t keeps records for 168 h by their times, which stay as they were: older ones may be deleted soon "
                + "after they arrive"
        ), Target(config: ["retention.ms": "-1"]),
        Target(
            config: ["message.timestamp.type": "LogAppendTime"],
            notice: "t gives records the time of their arrival (message.timestamp.type=LogAppendTime)"
        ),
        Target(
            config: ["cleanup.policy": "compact"],
            notice: "t is compacted: it keeps only the newest record of each key"
        ),
    ]

    @Test(arguments: targets)
    private func `a target says what it will do with old records`(_ target: Target) {
        let config = target.config.mapValues { TopicDescription.ConfigEntry(value: $0, isDefault: false) }
        let notices = TopicFacts(config: config).notices("t", oldest: target.oldest, now: 1_000_000_000)
        #expect(notices == (target.notice.map { [$0] } ?? []))
    }
}
