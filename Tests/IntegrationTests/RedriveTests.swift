import Foundation
import Kafka
import OrderedConsumer
import Synchronization
import TestSupport
import Testing

/// A record that cannot be handled, and the way back: with the program's own commands, against a real broker.
@Suite(.timeLimit(.minutes(5)))
struct RedriveTests {
    /// A handler that cannot do with one key's record until it is healed.
    private final class Poison: Sendable {
        let log = HandledLog()
        private let isHealed = Mutex(false)

        func heal() { isHealed.withLock { $0 = true } }

        @Sendable
        func handle(_ consumed: ConsumedRecord) async throws -> Verdict {
            let isPoison = consumed.record.key == Array("k3".utf8) && consumed.record.value == Array("1".utf8)
            if isPoison, !isHealed.withLock({ $0 }) { return .retry("it does not digest") }
            log.begin(consumed)
            log.end(consumed)
            return .done
        }
    }

    private struct Summary: Decodable {
        let waiting: Int
        let sent: Int
        let filtered: Int
        let exhausted: Int
        let heldBack: Int
        let unparked: Int
        let failedAgain: Int
        let stillParked: Int
        let refused: Int
        let rounds: Int
    }

    private func redrive(
        _ topic: KeyedTopic,
        _ arguments: [String] = [],
        expecting status: Int32 = 0
    ) async throws -> Summary {
        let kafka = topic.client.bootstrapServers[0]
        let process = try RelayProcess(
            ["redrive", "--kafka", kafka, "--topic", topic.name, "--group", "g", "--format", "json"] + arguments
        )
        #expect(try await process.exitStatus() == .exited(status), "\(process.child.errors.tail())")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Summary.self, from: Data(process.child.output.text.utf8))
    }

    private func settings(_ topic: KeyedTopic, group: String = "g") throws -> KeyedConsumerSettings {
        var settings = try topic.settings(group: group)
        settings.retry = RetryPolicy(attemptsMax: 3, firstDelay: .milliseconds(5))
        return settings
    }

    @Test(.needsKafka)
    func `a poisoned key parks, the others finish, and a redrive brings it back in its order`() async throws {
        let topic = try await KeyedTopic(partitions: 3)
        let poison = Poison()
        try topic.fill(100, keys: 10)
        try await topic.consume(try settings(topic), poison.handle) { consumer in
            // 90 of the other keys, and the one of k3 before its poison.
            try await poison.log.wait(for: 91)
            try await eventually(within: .seconds(20), "the rest of k3 among the dead letters") {
                consumer.figures.counts.deadLetters == ["attempts": 1, "parked": 8] ? true : nil
            }
            #expect(consumer.figures.parkedKeys == 1)
        }
        #expect(poison.log.numbers["k3"] == [0])

        // A restart in the middle changes nothing: what comes now still follows.
        try topic.send(["k3", "k4"])
        try await topic.consume(try settings(topic), poison.handle) { consumer in
            try await poison.log.wait(for: 92)
            try await eventually(within: .seconds(20), "the follower") {
                consumer.figures.counts.deadLetters == ["parked": 1] ? true : nil
            }
            let plan = try await redrive(topic, ["--dry-run"])
            #expect(plan.waiting == 10 && plan.sent == 10, "\(plan)")
            poison.heal()
            let ends = try await topic.ends()
            let summary = try await redrive(topic)
            #expect(summary.sent == 10 && summary.unparked == 1 && summary.stillParked == 0)
            #expect(try await topic.ends() == ends, "nobody else sees a redrive")
            try await poison.log.wait(for: 102)
            #expect(consumer.figures.parkedKeys == 0)
            try topic.send(["k3"])
            try await poison.log.wait(for: 103)
        }
        #expect(poison.log.numbers["k3"] == Array(0..<12))
        #expect(poison.log.outOfOrder == [] && poison.log.overlaps == 0)
        #expect(try await redrive(topic).waiting == 0)
    }

    @Test(.needsKafka)
    func `what fails again goes back with all that follows it, still in order, until it was sent too often`()
        async throws
    {
        let topic = try await KeyedTopic()
        let poison = Poison()
        try topic.fill(50, keys: 5)
        try await topic.consume(try settings(topic), poison.handle) { consumer in
            try await eventually(within: .seconds(20), "the dead letters") {
                consumer.figures.counts.deadLetters == ["attempts": 1, "parked": 8] ? true : nil
            }
            for round in 1...2 {
                let summary = try await redrive(topic, ["--max-redrives", "2"], expecting: 1)
                #expect(summary.sent == 8 + round && summary.failedAgain == 1, "redrive \(round)")
                // The nine of the beginning, what each redrive sent, and a live event after each.
                let total = [18, 29][round - 1]
                try await eventually(within: .seconds(20), "the dead letters of redrive \(round)") {
                    consumer.figures.counts.deadLetters.values.reduce(0, +) == total ? true : nil
                }
                // It must not overtake anything later on.
                try topic.send(["k3"])
                try await eventually(within: .seconds(20), "a live follower") {
                    consumer.figures.counts.deadLetters.values.reduce(0, +) == total + 1 ? true : nil
                }
            }
            #expect(poison.log.numbers["k3"] == [0])
            let refused = try await redrive(topic, ["--max-redrives", "2"])
            #expect(refused.sent == 0 && refused.exhausted == 1 && refused.heldBack == 10)
            poison.heal()
            let filtered = try await redrive(topic, ["--max-redrives", "9", "--entity", "k4"])
            #expect(filtered.sent == 0 && filtered.filtered == 1)
            let summary = try await redrive(topic, ["--max-redrives", "9", "--reason", "attempts", "--rate", "1000/s"])
            #expect(summary.sent == 11 && summary.unparked == 1)
        }
        #expect(poison.log.numbers["k3"] == Array(0..<12))
        #expect(poison.log.outOfOrder == [])
    }

    @Test(.needsKafka)
    func `a key that goes on after its dead letter gets it back late, and no other group sees it`() async throws {
        let topic = try await KeyedTopic()
        let poison = Poison()
        let other = HandledLog()
        try topic.fill(30, keys: 5)
        var settings = try settings(topic)
        settings.afterDeadLetter = .continue
        try await topic.consume(settings, poison.handle) { consumer in
            try await poison.log.wait(for: 29)
            try await eventually(within: .seconds(20), "the dead letter") {
                consumer.figures.counts.deadLetters == ["attempts": 1] ? true : nil
            }
            poison.heal()
            let summary = try await redrive(topic)
            #expect(summary.sent == 1 && summary.unparked == 0)
            try await poison.log.wait(for: 30)
        }
        #expect(poison.log.numbers["k3"] == [0, 2, 3, 4, 5, 1])
        try await topic.consume(try topic.settings(group: "other")) { consumed in
            other.end(consumed)
            return .done
        } _: { consumer in
            try await other.wait(for: 30)
            #expect(consumer.figures.counts.forOthers == 0)
        }
        #expect(other.count == 30 && other.outOfOrder == [])
    }

    @Test(.needsKafka)
    func `two redrives at once have each record handled once, in order, and both end well`() async throws {
        let topic = try await KeyedTopic()
        let poison = Poison()
        try topic.fill(200, keys: 10)
        try await topic.consume(try settings(topic), poison.handle) { consumer in
            try await eventually(within: .seconds(20), "the dead letters") {
                consumer.figures.counts.deadLetters.values.reduce(0, +) == 19 ? true : nil
            }
            poison.heal()
            async let one = redrive(topic, ["--rate", "100/s"])
            async let other = redrive(topic, ["--rate", "100/s"])
            let (first, second) = try await (one, other)
            #expect(first.stillParked == 0 && second.stillParked == 0 && first.unparked + second.unparked >= 1)
            try topic.send(["k3"])
            try await poison.log.wait(for: 201)
        }
        #expect(poison.log.numbers["k3"] == Array(0..<21) && poison.log.count == 201)
    }

    @Test(.needsKafka)
    func `a dead letter that the topic does not take stays and is named, and the others go`() async throws {
        let topic = try await KeyedTopic()
        let isHealed = Switch()
        let log = HandledLog()
        try topic.fill(6, keys: 6)
        let topics = try GroupTopics(topic: topic.name, group: "g")
        let admin = try Admin(topic.client)
        defer { admin.close() }
        // The headers that say what became of it are more than fits here.
        _ = try await admin.createTopics([
            NewTopic(topics.redrives, partitions: 1, replicationFactor: 1, config: ["max.message.bytes": "20000"])
        ])
        let large = Record(topic: topic.name, key: Array("large".utf8), value: Array(repeating: 0x78, count: 19_900))
        try RecordSender.send([large], topic.client)
        var settings = try settings(topic)
        settings.afterDeadLetter = .continue
        try await topic.consume(settings) { consumed in
            guard isHealed.isOn else { return .deadLetter(.handler, "no") }
            log.end(consumed)
            return .done
        } _: { consumer in
            try await eventually(within: .seconds(20), "the dead letters") {
                consumer.figures.counts.deadLetters == ["handler": 7] ? true : nil
            }
            isHealed.turnOn()
            let summary = try await redrive(topic, expecting: 1)
            #expect(summary.sent == 6 && summary.refused == 1)
            try await log.wait(for: 6)
        }
        #expect(try await redrive(topic, ["--dry-run"]).waiting == 1)
    }

    @Test(.needsKafka)
    func `dead letters of a topic that was deleted and made again are redriven`() async throws {
        let topic = try await KeyedTopic()
        let poison = Poison()
        try topic.fill(20, keys: 5)
        try await topic.consume(try settings(topic), poison.handle) { consumer in
            try await eventually(within: .seconds(20), "the dead letters") {
                consumer.figures.counts.deadLetters.values.reduce(0, +) == 3 ? true : nil
            }
            poison.heal()
            #expect(try await redrive(topic).sent == 3)
        }
        let topics = try GroupTopics(topic: topic.name, group: "g")
        try TopicDeletion.delete(topics.deadLetters, topic.client)
        let isHealed = Switch()
        try topic.send(["x", "y"])
        try await topic.consume(try settings(topic)) { _ in
            isHealed.isOn ? .done : .deadLetter(.handler, "no")
        } _: { consumer in
            try await eventually(within: .seconds(20), "the new dead letters") {
                consumer.figures.counts.deadLetters == ["handler": 2] ? true : nil
            }
            isHealed.turnOn()
            #expect(try await redrive(topic, ["--dry-run"]).waiting == 2)
            #expect(try await redrive(topic).sent == 2)
            #expect(try await redrive(topic).waiting == 0)
        }
    }

    @Test(.needsKafka)
    func `groups shows lag, parked keys and dead letters`() async throws {
        let topic = try await KeyedTopic()
        let poison = Poison()
        try topic.fill(50, keys: 5)
        try await topic.consume(try settings(topic, group: "shown"), poison.handle) { consumer in
            try await eventually(within: .seconds(20), "the dead letters") {
                consumer.figures.counts.deadLetters == ["attempts": 1, "parked": 8] ? true : nil
            }
            #expect(consumer.figures.parkedKeys == 1)
        }
        try topic.send(["k1", "k1"])
        let kafka = topic.client.bootstrapServers[0]
        let table = try RelayProcess(["groups", "--kafka", kafka, "--topic", topic.name])
        #expect(try await table.exitStatus() == .exited(0), "\(table.child.errors.tail())")
        let text = table.child.output.text
        for part in ["group shown on \(topic.name): empty, 0 members", "lag 2", "parked keys: 1", "9 waiting", "k3"] {
            #expect(text.contains(part), "\(part) is not in:\n\(text)")
        }
        let unknown = try RelayProcess(["groups", "--kafka", kafka, "--topic", topic.name, "--group", "nobody"])
        #expect(try await unknown.exitStatus() == .exited(1))
        #expect(unknown.child.errors.text.contains("there is no consumer group nobody"))
    }
}
