import Kafka
import OrderedConsumer
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct KeyedConsumerTests {
    private let clock = ContinuousClock()

    @Test(.needsKafka)
    func `keys are handled side by side, each one at a time and in its order`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(5000, keys: 250)
        let log = HandledLog()
        try await topic.consume(try topic.settings()) { consumed in
            log.begin(consumed)
            try await clock.sleep(for: .milliseconds(10))
            log.end(consumed)
            return .done
        } _: { _ in
            try await log.wait(for: 5000)
        }
        #expect(log.overlaps == 0 && log.outOfOrder == [])
        #expect(log.numbers.values.allSatisfy { $0 == Array(0..<20) })
        #expect(try await topic.committed().map(\.offset) == [5000])
    }

    @Test(.needsKafka)
    func `a failing key is tried again while the others go on, and keeps its order`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(200, keys: 20)
        let log = HandledLog()
        let failures = Mutex(0)
        try await topic.consume(try topic.settings()) { consumed in
            let isPoor = consumed.record.key == Array("k7".utf8) && consumed.attempt < 4
            if isPoor {
                failures.withLock { $0 += 1 }
                return .retry("not yet")
            }
            log.end(consumed)
            return .done
        } _: { consumer in
            try await log.wait(for: 200)
            #expect(consumer.figures.counts.retries == 30)
        }
        #expect(failures.withLock { $0 } == 30 && log.outOfOrder == [])
    }

    @Test(.needsKafka)
    func `what was done beyond the first unfinished record is not done again by a successor`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(100, keys: 10)
        let first = HandledLog()
        var settings = try topic.settings()
        settings.drainDeadline = .milliseconds(100)
        settings.cancelDeadline = .milliseconds(100)
        try await topic.consume(settings) { consumed in
            if consumed.record.offset == 10 {
                try await clock.sleep(for: .seconds(60))
                return .retry("cancelled")
            }
            first.end(consumed)
            return .done
        } _: { _ in
            // All but the record that hangs and those behind it.
            try await first.wait(for: 91)
        }
        let committed = try await topic.committed()
        #expect(committed.map(\.offset) == [10])
        #expect(committed.first?.metadata.hasPrefix("relay1:") == true)
        let second = HandledLog()
        try await topic.consume(try topic.settings()) { consumed in
            second.end(consumed)
            return .done
        } _: { consumer in
            try await second.wait(for: 9)
            #expect(consumer.figures.counts.handledBefore == 81)
        }
        #expect(second.numbers == ["k0": Array(1..<10)])
        #expect(try await topic.committed() == [CommittedOffset(offset: 100)])
    }

    @Test(.needsKafka)
    func `duplicates are dropped, also by a successor that never saw the first`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(50, keys: 5)
        let first = HandledLog()
        try await topic.consume(try topic.settings()) { consumed in
            first.end(consumed)
            return .done
        } _: { _ in
            try await first.wait(for: 50)
        }
        topic.forget()
        try topic.fill(60, keys: 5)
        let second = HandledLog()
        try await topic.consume(try topic.settings()) { consumed in
            second.end(consumed)
            return .done
        } _: { consumer in
            try await second.wait(for: 10)
            #expect(consumer.figures.counts.duplicates == 50)
        }
        #expect(second.numbers.values.allSatisfy { $0 == [10, 11] })
    }

    @Test(.needsKafka)
    func `waiting records of a key become one call with the ids of the older ones`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(40, keys: 2)
        let calls = Mutex<[String: [Int]]>([:])
        let log = HandledLog()
        var settings = try topic.settings()
        settings.isCoalescing = true
        try await topic.consume(settings) { consumed in
            let key = String(decoding: consumed.record.key ?? [], as: UTF8.self)
            calls.withLock { $0[key, default: []].append(consumed.superseded.count + 1) }
            // The first call holds the key until everything has been read.
            try await clock.sleep(for: .milliseconds(300))
            if consumed.record.value == Array("19".utf8) { log.end(consumed) }
            return .done
        } _: { consumer in
            try await log.wait(for: 2)
            try await eventually(within: .seconds(10), "the last count") {
                consumer.figures.counts.handled == 40 ? true : nil
            }
        }
        for counts in calls.withLock({ $0 }).values {
            #expect(counts.reduce(0, +) == 20 && counts.count < 20)
        }
    }

    @Test(.needsKafka)
    func `a group that pauses begins nothing, also after a restart, until it is resumed`() async throws {
        let topic = try await KeyedTopic()
        let log = HandledLog()
        let paused = Mutex(0)
        let handler: RecordHandler = { consumed in
            log.end(consumed)
            return .done
        }
        try await topic.consume(try topic.settings(), handler) { consumer in
            try await consumer.pauseGroup(by: "a test")
            try await eventually(within: .seconds(10), "the pause") { consumer.figures.isPaused ? true : nil }
            try topic.fill(10, keys: 5)
            try await eventually(within: .seconds(10), "records that wait") {
                consumer.figures.waiting == 10 ? true : nil
            }
        }
        let notices: @Sendable (ConsumerNotice) -> Void = { notice in
            if case .paused(.some) = notice { paused.withLock { $0 += 1 } }
        }
        try await topic.consume(try topic.settings(), noting: notices, handler) { consumer in
            try await eventually(within: .seconds(10), "records that wait") {
                consumer.figures.waiting == 10 ? true : nil
            }
            #expect(log.count == 0 && paused.withLock { $0 } == 1)
            try await consumer.resumeGroup()
            try await log.wait(for: 10)
        }
        #expect(log.outOfOrder == [])
    }

    @Test(.needsKafka)
    func `a call past its deadline is cancelled and counts as a failed attempt`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(3, keys: 1)
        let log = HandledLog()
        var settings = try topic.settings()
        settings.handlerDeadline = .milliseconds(100)
        try await topic.consume(settings) { consumed in
            if consumed.record.offset == 1, consumed.attempt < 3 { try await clock.sleep(for: .seconds(60)) }
            log.end(consumed)
            return .done
        } _: { consumer in
            try await log.wait(for: 3)
            #expect(consumer.figures.counts.overdue == 2)
        }
        #expect(log.numbers == ["k0": [0, 1, 2]])
    }

    @Test(.needsKafka)
    func `an offset beyond the end of a topic that was made anew loses no record`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(5, keys: 5)
        let partition = TopicPartition(topic: topic.name, partition: 0)
        let member = try GroupMember(topic.settings().group)
        try member.consumer.subscribe(to: [topic.name])
        try member.consumer.assign(Dictionary(uniqueKeysWithValues: try await member.assigned().map { ($0, 0) }))
        #expect(try await member.commit([partition: CommittedOffset(offset: 1000)]).error == nil)
        try await member.leave()
        let log = HandledLog()
        let beyond = Mutex(0)
        let notices: @Sendable (ConsumerNotice) -> Void = { notice in
            if case .beyondEnd = notice { beyond.withLock { $0 += 1 } }
        }
        try await topic.consume(try topic.settings(), noting: notices) { consumed in
            log.end(consumed)
            return .done
        } _: { _ in
            try await log.wait(for: 5)
        }
        #expect(beyond.withLock { $0 } == 1)
    }

    @Test(.needsKafka)
    func `a topic that is not there is said at once`() async throws {
        let client = try await SharedKafka.topic().client
        let settings = try KeyedConsumerSettings(client: client, group: "g", topic: "not-there")
        let consumer = try KeyedConsumer(settings) { _ in .done }
        await #expect(throws: GroupTopicsError.missing("not-there")) { try await consumer.run() }
    }
}
