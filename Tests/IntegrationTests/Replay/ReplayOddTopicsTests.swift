import Foundation
import Kafka
import TestSupport
import Testing
import Timestamps

/// Topics that are not as one would have them: deleted from, compacted, with other partitions than before.
@Suite(.timeLimit(.minutes(5)))
struct ReplayOddTopicsTests {
    @Test(.needsKafka)
    func `a window that begins before what is kept says what is gone`() async throws {
        let history = try await HistoryTopic(1_000, partitions: 1, disorder: 0, seed: 101)
        let folder = try TemporaryDirectory("delete")
        try folder.write(
            #"{"version":1,"partitions":[{"topic":"\#(history.name)","partition":0,"offset":400}]}"#,
            to: "offsets.json"
        )
        _ = try await SharedKafka.node().tool(
            "DeleteRecordsCommand",
            ["--offset-json-file", folder.file("offsets.json")]
        )
        let from = Timestamp.text(milliseconds: history.start)
        let replay = try ReplayProcess(history, ["--from", from, "--dry-run"])
        #expect(try await replay.summary().matched == 600)
        let oldest = Timestamp.text(milliseconds: history.events[400].time)
        #expect(
            replay.notices.contains(
                "partition 0: the window begins before the oldest record that is kept (offset 400, \(oldest))"
            ),
            "\(replay.notices)"
        )
        let offsets = try ReplayProcess(history, ["--offsets", "0:0-499", "--dry-run"])
        #expect(try await offsets.summary().matched == 100)
        #expect(offsets.notices.contains("partition 0: offsets 0 to 399 are no longer kept; the oldest is 400"))
    }

    @Test(.needsKafka)
    func `an entity whose partition changed with the topic's partitions still comes in its order`() async throws {
        let history = try await HistoryTopic(4_000, pages: 60, partitions: 3, hours: 0.4, disorder: 0, seed: 102)
        _ = try await SharedKafka.node().tool(
            "TopicCommand",
            ["--alter", "--topic", history.name, "--partitions", "8"]
        )
        // The same pages go on, most of them in other partitions.
        let later = history.events.map { event in
            HistoryTopic.Event(
                page: event.page,
                number: event.number + 10_000,
                time: event.time + (history.end - history.start) + 1,
                isComment: false
            )
        }
        try HistoryTopic.write(later, to: history.name, history.client)
        let target = try await SharedKafka.target()
        let replay = try ReplayProcess(history, ["--from", "beginning", "--to-topic", target])
        #expect(try await replay.summary().sent == 8_000)
        var replayed = ReplayedTopic()
        try await ReplayedTopic.read(target, history.client) { replayed.add($0) }
        #expect(replayed.numbers == ReplayedTopic.expected(history.events + later))
    }

    @Test(.needsKafka)
    func `a compacted topic ends where it ends, though offsets are missing`() async throws {
        let node = try await KafkaNode.start(
            properties: ["log.cleaner.backoff.ms": "100", "log.retention.check.interval.ms": "100"]
        )
        let client = ClientSettings(bootstrapServers: [node.bootstrapServers])
        let admin = try Admin(client)
        try await admin.createTopic(
            "compacted",
            partitions: 1,
            replicationFactor: 1,
            config: [
                "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.bytes": "1048576",
                "max.compaction.lag.ms": "500", "segment.ms": "500",
            ]
        )
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        for round in 0..<40 {
            for key in 0..<5 {
                let value = [UInt8](repeating: UInt8(round), count: 20_000)
                _ = try await producer.send(Record(topic: "compacted", key: [UInt8(key)], value: value))
            }
        }
        // Records of one more key keep rolling segments, until the first ones are compacted.
        let first = try await eventually(within: .seconds(60), "a compacted topic") { () -> Int? in
            _ = try await producer.send(Record(topic: "compacted", key: [99], value: [1]))
            var offsets: [Int64] = []
            try await ReplayedTopic.read("compacted", client) { offsets.append($0.offset ?? -1) }
            return offsets.count < 100 ? offsets.count : nil
        }
        let replay = try ReplayProcess(
            kafka: node.bootstrapServers,
            from: "compacted",
            ["--offsets", "0:0-150", "--dry-run"]
        )
        let summary = try await replay.summary()
        #expect(summary.end == "done" && summary.read <= first && summary.partitions[0].next == 151)
        let whole = try ReplayProcess(
            kafka: node.bootstrapServers,
            from: "compacted",
            ["--from", "beginning", "--dry-run"]
        )
        let all = try await whole.summary()
        #expect(all.end == "done" && all.partitions[0].next == all.partitions[0].windowEnd)
        producer.close()
        admin.close()
        await node.kill()
    }

    @Test(.needsKafka)
    func `what cannot be done is refused in a line`() async throws {
        let history = try await HistoryTopic(100, partitions: 2, seed: 104)
        let future = Timestamp.text(milliseconds: Int64(Date().timeIntervalSince1970 * 1000) + 86_400_000)
        let beginning = ["--from", "beginning"]
        let cases: [(arguments: [String], status: Int32, says: String)] = [
            ([], 2, "say what to replay: --from (and --to), --offsets or --last"),
            (beginning, 2, "say where to: --to-topic TOPIC, --to-url URL or --to-stdout"),
            (["--from", future, "--to-stdout"], 2, "lies in the future: there is nothing to replay yet"),
            (["--from", "2026-01-02", "--to", "2026-01-01", "--to-stdout"], 2, "is not before --to 2026-01-01T00:00"),
            (["--to", "2026-01-02", "--to-stdout"], 2, "--to needs --from: write --from beginning"),
            (["--from", "end", "--to-stdout"], 2, "--from end: write beginning, or a time"),
            (beginning + ["--last", "3", "--to-stdout"], 2, "--last stands alone"),
            (["--offsets", "7:0-", "--to-stdout"], 2, "there is no partition 7; the topic has 2"),
            (["--offsets", "0:5-1", "--to-stdout"], 2, "--offsets: 0:5-1 ends before it begins"),
            (beginning + ["--to-stdout", "--to-topic", "x"], 2, "give one of --to-topic, --to-url and --to-stdout"),
            (beginning + ["--to-stdout", "--rate", "5", "--speed", "2x"], 2, "give one of --rate and --speed"),
            (
                beginning + ["--to-stdout", "--speed", "fast"], 2,
                #"the value "fast" is not a factor; allowed: a factor such as 10x"#
            ),
            (beginning + ["--to-stdout", "--type", "page.*.x"], 2, "--type: write event types such as page.created"),
            (beginning + ["--to-topic", "nowhere"], 1, "there is no topic nowhere to send to: create it first"),
            (beginning + ["--renormalize", "--to-stdout"], 2, "set NOTION_RELAY_VERIFICATION_TOKENS"),
        ]
        for (arguments, status, says) in cases {
            let process = try ReplayProcess(history, arguments).process
            #expect(try await process.exitStatus(within: .seconds(30)) == .exited(status), "\(arguments)")
            #expect(process.child.errors.text.contains(says), "\(arguments): \(process.child.errors.text)")
            #expect(process.child.output.all.allSatisfy { $0.isEmpty }, "\(arguments)")
        }
        let missing = try ReplayProcess(kafka: history.kafka, from: "nothing", beginning + ["--to-stdout"]).process
        #expect(try await missing.exitStatus() == .exited(1))
        #expect(missing.child.errors.text.contains("there is no topic nothing to read: is --topic right?"))
    }
}
