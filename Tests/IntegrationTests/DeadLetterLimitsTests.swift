import Kafka
import OrderedConsumer
import Synchronization
import TestSupport
import Testing

/// What a group writes and its topics, or the brokers, do not take: it is written in another form, and nobody waits.
@Suite(.timeLimit(.minutes(3)))
struct DeadLetterLimitsTests {
    private static let anyTime = ["message.timestamp.after.max.ms", "message.timestamp.before.max.ms"]
    private static let long = [UInt8](repeating: 0x61, count: 100_000)

    /// Waits until so many records of the one partition are done.
    private static func finish(_ consumer: KeyedConsumer, _ count: Int64) async throws {
        try await eventually(within: .seconds(60), "the last dead letter") {
            consumer.figures.partitions.first?.next == count ? true : nil
        }
    }

    private func event(_ topic: KeyedTopic, _ id: String, key: [UInt8], value: [UInt8] = [0x7B, 0x7D]) -> Record {
        Record(topic: topic.name, key: key, headers: [.init(name: "ce_id", value: Array(id.utf8))], value: value)
    }

    @Test(.needsKafka)
    func `a group's topics are made with the limits of its topic, and take what was written ahead of time`()
        async throws
    {
        let limits = ["max.message.bytes": "4194304", Self.anyTime[0]: "9223372036854775807"]
        let topic = try await KeyedTopic(config: limits)
        var early = event(topic, "early", key: [1])
        early.timestampMilliseconds = 4_000_000_000_000
        try RecordSender.send([early], topic.client)
        try await topic.consume(try topic.settings(group: "wide")) { _ in
            .deadLetter(.handler, "no")
        } _: { consumer in
            try await Self.finish(consumer, 1)
        }
        #expect(try await topic.committed(group: "wide").map(\.offset) == [1])
        let topics = try GroupTopics(topic: topic.name, group: "wide")
        let admin = try Admin(topic.client)
        defer { admin.close() }
        let found = try await admin.describeTopics([topics.deadLetters, topics.state])
        for name in [topics.deadLetters, topics.state] {
            #expect(found[name]?.config["max.message.bytes"]?.value == "4259840")
        }
        for name in Self.anyTime {
            #expect(found[topics.deadLetters]?.config[name]?.value == "9223372036854775807")
        }
        let letters = try await WholeTopic.records(of: topics.deadLetters, topic.client)
        #expect(letters.map(\.timestampMilliseconds) == [4_000_000_000_000])
    }

    @Test(.needsKafka)
    func `a dead letter that its topic refuses is written without what does not fit, and all go on`() async throws {
        let topic = try await KeyedTopic()
        let topics = try GroupTopics(topic: topic.name, group: "tight")
        let admin = try Admin(topic.client)
        defer { admin.close() }
        let small = ["max.message.bytes": "20000"]
        let recent = small.merging([Self.anyTime[1]: "3600000"]) { first, _ in first }
        try await admin.createTopic(topics.deadLetters, partitions: 1, config: recent)
        try await admin.createTopic(topics.state, partitions: 1, config: small)
        var old = event(topic, "old", key: [2])
        old.timestampMilliseconds = 1_000_000_000_000
        var headers = event(topic, "headers", key: [3])
        headers.headers.append(.init(name: "long", value: Self.long))
        try RecordSender.send(
            [
                event(topic, "value", key: [1], value: Self.long), old, headers,
                event(topic, "key", key: Self.long), event(topic, "key-again", key: Self.long),
                event(topic, "whole", key: [4]),
            ],
            topic.client
        )
        let unparked = Mutex<[String]>([])
        try await topic.consume(try topic.settings(group: "tight")) { notice in
            if case .notParked(let key, let why) = notice { unparked.withLock { $0.append("\(key.offset) \(why)") } }
        } _: { consumed in
            .deadLetter(.handler, "no")
        } _: { consumer in
            try await Self.finish(consumer, 6)
        }
        #expect(try await topic.committed(group: "tight").map(\.offset) == [6])
        let letters = try await WholeTopic.records(of: topics.deadLetters, topic.client)
        #expect(letters.count == 6)
        for record in letters {
            let letter = try #require(DeadLetter(record: record))
            let id = record.header("ce_id").map { String(decoding: $0, as: UTF8.self) }
            switch letter.origin.offset {
            case 0: #expect(id == "value" && letter.omittedValueBytes == 100_000 && record.value == nil)
            case 1:
                #expect(id == "old" && letter.omittedValueBytes == nil && record.value == [0x7B, 0x7D])
                #expect(letter.timestampMilliseconds == 1_000_000_000_000)
                #expect((record.timestampMilliseconds ?? 0) > 1_700_000_000_000)
            case 2: #expect(id == nil && letter.omittedValueBytes == 2 && record.key == [3])
            case 3, 4: #expect(id == nil && letter.omittedValueBytes == 2 && record.key == nil)
            default: #expect(id == "whole" && letter.omittedValueBytes == nil && record.key == [4])
            }
            #expect(letter.topic == topic.name && letter.reason == .handler)
        }
        let told = unparked.withLock { $0 }
        #expect(told.count == 2 && told.allSatisfy { $0.contains("larger than \(topics.state) takes") }, "\(told)")
    }

    @Test(.needsKafka)
    func `a broker that takes little beside an offset gets little, and the offset`() async throws {
        let node = try await KafkaNode.start(properties: ["offset.metadata.max.bytes": "64"])
        let client = ClientSettings(bootstrapServers: [node.bootstrapServers])
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic("narrow", partitions: 1)
        let topic = KeyedTopic(name: "narrow", client: client)
        try topic.fill(300, keys: 300)
        let log = HandledLog()
        var settings = try topic.settings()
        settings.retry.firstDelay = .seconds(600)
        settings.retry.delayMax = .seconds(600)
        settings.holdAfter = 0
        try await topic.consume(settings) { consumed in
            guard (consumed.record.offset ?? 0) % 3 != 1 else { return .retry("not yet") }
            log.end(consumed)
            return .done
        } _: { _ in
            try await log.wait(for: 200)
        }
        let committed = try await topic.committed()
        #expect(committed.map(\.offset) == [1])
        #expect(committed.allSatisfy { $0.metadata.hasPrefix("relay1:") && $0.metadata.utf8.count <= 64 })
        await node.kill()
    }
}
