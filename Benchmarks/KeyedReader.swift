import Foundation
import Kafka
import OrderedConsumer
import Synchronization

/// Our ordered consumer with a handler that takes a while, or no time.
enum KeyedReader {
    static func command(_ topic: EventTopic, _ work: Consumers.Work) -> [String] {
        ["consume-keyed", topic.bootstrapServers, String(work.records), String(work.handlerMilliseconds)]
    }

    /// `consume-keyed BOOTSTRAP RECORDS HANDLER_MS`.
    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 3, let records = Int(arguments[1]), let pause = Int(arguments[2]) else {
            throw BenchOptions.UsageError(
                description: "consume-keyed needs a bootstrap server, a number of records and milliseconds"
            )
        }
        let watch = OrderWatch(records: records)
        let clock = ContinuousClock()
        let notify: @Sendable (ConsumerNotice) -> Void = { notice in
            if case .kafka(let error) = notice { Benchmark.notice("\(error)") }
        }
        let consumer = try KeyedConsumer(try settings(arguments[0]), onNotice: notify) { consumed in
            let key = watch.begin(consumed.record)
            if pause > 0 { try await clock.sleep(for: .milliseconds(pause)) }
            watch.end(key)
            return .done
        }
        async let stopped: Void = {
            for await _ in watch.finished { return consumer.stop() }
        }()
        try await consumer.run()
        await stopped
    }

    private static func settings(_ bootstrap: String) throws -> KeyedConsumerSettings {
        var settings = try KeyedConsumerSettings(
            client: ClientSettings(bootstrapServers: [bootstrap]),
            group: "bench-\(UUID().uuidString.lowercased())",
            topic: EventTopic.name
        )
        settings.lanesMax = Consumers.lanes
        settings.group.prefetchKibibytesMax = Consumers.prefetchKibibytes
        return settings
    }
}

/// Checks whether the records of each key are handled one at a time and in order.
private final class OrderWatch: Sendable {
    private struct Seen {
        var offset: Int64
        var isRunning: Bool
    }

    private struct State {
        var keys: [UInt64: Seen] = [:]
        var violations = 0
        var ended = 0
        var span: ReadingSpan?
    }

    let finished: AsyncStream<Void>
    private let finish: AsyncStream<Void>.Continuation
    private let records: Int
    private let state = Mutex(State())

    init(records: Int) {
        self.records = records
        (finished, finish) = AsyncStream.makeStream()
    }

    /// Returns a hash of the key: a collision among a thousand keys is practically impossible.
    func begin(_ record: Record) -> UInt64 {
        let key = (record.key ?? []).reduce(14_695_981_039_346_656_037 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        let offset = record.offset ?? -1
        state.withLock { state in
            if state.span == nil { state.span = ReadingSpan() }
            let seen = state.keys.updateValue(Seen(offset: offset, isRunning: true), forKey: key)
            if let seen, seen.isRunning || seen.offset >= offset { state.violations += 1 }
        }
        return key
    }

    func end(_ key: UInt64) {
        state.withLock { state in
            state.keys[key]?.isRunning = false
            state.ended += 1
            guard state.ended == records else { return }
            state.span?.end(records: records, violations: state.violations)
            finish.yield()
        }
    }
}

/// What reading alone costs: the topic's records through our binding, one after the other, without handling them.
enum BareReader {
    static func command(_ topic: EventTopic, _ work: Consumers.Work) -> [String] {
        ["consume-bare", topic.bootstrapServers, String(work.records)]
    }

    /// `consume-bare BOOTSTRAP RECORDS`.
    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 2, let records = Int(arguments[1]) else {
            throw BenchOptions.UsageError(description: "consume-bare needs a bootstrap server and a number of records")
        }
        let settings = ConsumerSettings(
            client: ClientSettings(bootstrapServers: [arguments[0]]),
            prefetchKibibytesMax: Consumers.prefetchKibibytes
        )
        let consumer = try Consumer(settings)
        defer { consumer.close() }
        try await consumer.assign(EventTopic.name, from: .beginning)
        var span: ReadingSpan?
        var read = 0
        while read < records {
            let batch = try consumer.poll(max: 500, deadlineMilliseconds: 1000)
            if span == nil, !batch.records.isEmpty { span = ReadingSpan() }
            read += batch.records.count
        }
        span?.end(records: read, violations: 0)
    }
}
