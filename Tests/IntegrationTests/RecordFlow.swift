import Kafka
import TestSupport

/// Sends records all the time, until it is cancelled: random keys, some records twice, some poisoned.
struct RecordFlow: Sendable {
    let story: GroupStory
    let seed: UInt64
    var keys = 60
    var perSecond = 100

    /// Returns how many records it has sent.
    func run() async throws -> Int {
        var random = SeededGenerator(seed: seed)
        // A record waits for a broker that comes back.
        let settings = ProducerSettings(client: story.client, messageTimeoutMilliseconds: 120_000)
        let producer = try Producer(settings)
        defer { producer.close() }
        let topic = try producer.topic(GroupStory.topic)
        let clock = ContinuousClock()
        var repeated: [Record] = []
        var count = 0
        while !Task.isCancelled {
            _ = producer.drain { _ in }
            try? await clock.sleep(for: .seconds(1) / perSecond)
            if story.isFlowHeld { continue }
            let key = "k\(Int.random(in: 0..<keys, using: &random))"
            let isPoison = Int.random(in: 0..<1000, using: &random) == 0
            let record = story.record(key, fate: isPoison ? "poison" : nil)
            try send(record, producer, topic)
            count += 1
            if Int.random(in: 0..<30, using: &random) == 0 { repeated.append(record) }
            if repeated.count > 5, Bool.random(using: &random) {
                try send(repeated.remove(at: Int.random(in: 0..<repeated.count, using: &random)), producer, topic)
                count += 1
            }
        }
        var failures = 0
        let left = producer.flush(deadline: .seconds(30)) { event in
            if case .delivered(let report) = event, report.error != nil { failures += 1 }
        }
        guard left == 0 else { throw TimeoutError(description: "\(left) records not sent") }
        return count
    }

    private func send(_ record: Record, _ producer: Producer, _ topic: Topic) throws {
        var headers = RecordHeaders(capacity: record.headers.count)
        for header in record.headers { headers.append(Array(header.name.utf8).span, header.value?.span) }
        try producer.produce(
            to: topic,
            key: record.key?.span,
            value: record.value?.span,
            headers: headers,
            timestampMilliseconds: 0,
            opaque: 1
        )
    }
}
