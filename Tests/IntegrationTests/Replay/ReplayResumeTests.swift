import Foundation
import Kafka
import TestSupport
import Testing

/// A replay that is stopped, killed, doubled, and left by its broker.
@Suite(.timeLimit(.minutes(10)))
struct ReplayResumeTests {
    private func arguments(_ name: String, _ target: String) -> [String] {
        ["--resume", name, "--from", "beginning", "--to-topic", target]
    }

    @Test(.needsKafka)
    func `after an orderly stop exactly what is left is sent, also by the command that was printed`() async throws {
        let history = try await HistoryTopic(6_000, partitions: 4, seed: 91)
        let target = try await SharedKafka.target()
        let whole = ["--from", "beginning", "--type", "page.*", "--to-topic", target]
        var left = whole + ["--rate", "1500/s"]
        var sent = 0
        for round in 0..<2 {
            let replay = try ReplayProcess(history, left)
            try await replay.waitUntilSent(700)
            replay.process.child.signal(SIGINT)
            let summary = try await replay.summary(expecting: 1)
            #expect(summary.end == "interrupted" && summary.unsettled == 0 && summary.matched == summary.sent)
            sent += summary.sent
            let line = try #require(replay.notices.split(separator: "\n").last { $0.contains("notion-relay replay") })
            let words = line.replacing("'", with: "").split(separator: " ").map(String.init)
            let start = try #require(words.firstIndex(of: "--offsets"))
            left = Array(words[start...]) + (round == 0 ? ["--rate", "1500/s"] : [])
        }
        sent += try await ReplayProcess(history, left).summary().sent
        let replayed = try await ReplayedTopic(target, of: history)
        #expect(replayed.numbers == ReplayedTopic.expected(history.events.filter { !$0.isComment }))
        #expect(replayed.count == sent)
    }

    @Test(.needsKafka)
    func `a replay that is killed again and again loses nothing and keeps the order`() async throws {
        let history = try await HistoryTopic(ReplayScale.kills * 4_000, partitions: 6, seed: 92)
        let target = try await SharedKafka.target()
        let name = "kill-\(history.name)"
        var isFirst = true
        for _ in 0..<ReplayScale.kills {
            let begin = isFirst ? arguments(name, target) : ["--resume", name]
            let replay = try ReplayProcess(
                kafka: history.kafka,
                from: isFirst ? history.name : nil,
                begin + ["--rate", "2000/s"]
            )
            try await replay.waitUntilSent(2_500)
            replay.process.child.signal(SIGKILL)
            _ = try await replay.process.exitStatus()
            isFirst = false
        }
        let last = try ReplayProcess(kafka: history.kafka, from: nil, ["--resume", name])
        let summary = try await last.summary()
        #expect(summary.end == "done" && summary.replay == name && summary.sentBefore > 0)
        #expect(last.notices.contains("resuming the replay \(name)"))
        let replayed = try await ReplayedTopic(target, of: history)
        #expect(replayed.firsts == ReplayedTopic.expected(history.events))
        #expect(replayed.changed == [] && replayed.replays == [name])
        // What was sent between the last checkpoint and the kill comes twice: about a second of each life at most.
        #expect(replayed.count - history.events.count < ReplayScale.kills * 2_500)

        let again = try ReplayProcess(kafka: history.kafka, from: nil, ["--resume", name]).process
        #expect(try await again.exitStatus() == .exited(0))
        #expect(again.child.errors.text.contains("is finished; a new one needs another name"))
    }

    @Test(.needsKafka)
    func `a name is run by one at a time, and by what it was begun with`() async throws {
        let history = try await HistoryTopic(20_000, partitions: 2, seed: 93)
        let target = try await SharedKafka.target()
        let name = "one-\(history.name)"
        let first = try ReplayProcess(history, arguments(name, target) + ["--rate", "300/s"])
        try await first.waitUntilSent(100)
        let second = try ReplayProcess(history, arguments(name, target)).process
        #expect(try await second.exitStatus() == .exited(1))
        #expect(second.child.errors.text.contains("the replay \(name) is running elsewhere"))
        first.process.child.signal(SIGTERM)
        #expect(try await first.summary(expecting: 1).unsettled == 0)

        let other = try ReplayProcess(history, arguments(name, target) + ["--type", "page.*"]).process
        #expect(try await other.exitStatus() == .exited(1))
        #expect(other.child.errors.text.contains("was started with another request (--type)"))
        let unknown = try ReplayProcess(history, ["--resume", "no-\(name)"]).process
        #expect(try await unknown.exitStatus() == .exited(1))
        #expect(unknown.child.errors.text.contains("there is no replay no-\(name) to resume"))
    }

    @Test(.needsKafka)
    func `a broker that is killed in the middle holds a replay up, and nothing is lost or out of order`() async throws {
        let node = try await KafkaNode.start()
        let history = try await HistoryTopic(30_000, partitions: 6, seed: 94, on: node)
        let admin = try Admin(history.client)
        try await admin.createTopic("copy", partitions: 4, replicationFactor: 1)
        admin.close()
        let replay = try ReplayProcess(history, arguments("outage", "copy") + ["--rate", "6000/s"])
        try await replay.waitUntilSent(6_000)
        await node.kill()
        try await node.restart()
        let summary = try await replay.summary()
        #expect(summary.end == "done" && summary.sent == 30_000 && summary.failed == 0)
        let replayed = try await ReplayedTopic("copy", of: history)
        #expect(replayed.numbers == ReplayedTopic.expected(history.events))
        await node.kill()
    }
}
