import Foundation
import Kafka
import TestSupport
import Timestamps

/// A topic with a history: events of many pages, each numbering its own from 0, spread over a stretch of record time.
struct HistoryTopic: Sendable {
    struct Event: Sendable {
        let page: Int
        let number: Int
        /// Record time, and the event's own.
        let time: Int64
        let isComment: Bool

        var key: String { HistoryTopic.key(page) }
        var id: String { "\(page)-\(number)" }
        var workspace: String { HistoryTopic.workspace(page) }
        var type: String { isComment ? "comment.created" : "page.content_updated" }
    }

    let name: String
    let client: ClientSettings
    /// In the order in which they were written.
    let events: [Event]
    /// The record times are about from here to there, in milliseconds since 1970.
    let start: Int64
    let end: Int64

    static func key(_ page: Int) -> String {
        let digits = String(page, radix: 16)
        return "260d1674-a7fc-4581-93fb-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static func workspace(_ page: Int) -> String { "2f1d1674-a7fc-4581-93fb-00000000000\(page % 3)" }

    var kafka: String { client.bootstrapServers[0] }

    /// Fills a new topic. Neighbours are up to `disorder` out of order by their record times.
    init(
        _ count: Int,
        pages: Int = 500,
        partitions: Int = 12,
        hours: Double = 3,
        disorder: Int64 = 5000,
        seed: UInt64,
        on node: KafkaNode? = nil
    ) async throws {
        if let node {
            (name, client) = ("history", ClientSettings(bootstrapServers: [node.bootstrapServers]))
            let admin = try Admin(client)
            defer { admin.close() }
            try await admin.createTopic(name, partitions: partitions, replicationFactor: 1)
        } else {
            (name, client) = try await SharedKafka.topic("history", partitions: partitions)
        }
        let span = Int64(hours * 3_600_000)
        end = Int64(Date().timeIntervalSince1970 * 1000) - 3_600_000
        start = end - span
        var random = SeededGenerator(seed: seed)
        var numbers = [Int](repeating: 0, count: pages)
        events = (0..<count).map { [start] index in
            let page = Int.random(in: 0..<pages, using: &random)
            defer { numbers[page] += 1 }
            return Event(
                page: page,
                number: numbers[page],
                time: start + Int64(index) * span / Int64(count) + Int64.random(in: 0...disorder, using: &random),
                isComment: Int.random(in: 0..<4, using: &random) == 0
            )
        }
        try Self.write(events, to: name, client)
    }

    /// Writes events as the edge writes their records.
    static func write(_ events: some Sequence<Event>, to name: String, _ client: ClientSettings) throws {
        let producer = try Producer(
            ProducerSettings(client: client, messageTimeoutMilliseconds: 60_000, queueMessagesMax: 100_000)
        )
        defer { producer.close() }
        let topic = try producer.topic(name)
        var failures = 0
        let take: (ProducerEvent) -> Void = { event in
            if case .delivered(let report) = event, report.error != nil { failures += 1 }
        }
        for event in events {
            if producer.unreportedCount >= 50_000 { producer.flush(deadline: .seconds(60), take) }
            var headers = RecordHeaders(capacity: 8)
            for (name, value) in Self.headers(event) { headers.append(Array(name.utf8).span, Array(value.utf8).span) }
            try producer.produce(
                to: topic,
                key: Array(event.key.utf8).span,
                value: Array(#"{"number":\#(event.number)}"#.utf8).span,
                headers: headers,
                timestampMilliseconds: event.time,
                opaque: 1
            )
        }
        let left = producer.flush(deadline: .seconds(60), take)
        guard left == 0, failures == 0 else { throw TimeoutError(description: "\(left + failures) records not sent") }
    }

    static func headers(_ event: Event) -> [(String, String)] {
        [
            ("ce_specversion", "1.0"), ("ce_id", event.id), ("ce_type", "com.notion.\(event.type)"),
            ("ce_source", "/notion/workspaces/\(event.workspace)/subscriptions/s"),
            ("ce_subject", "page/\(event.key)"), ("ce_time", Timestamp.text(milliseconds: event.time)),
        ]
    }

    /// The events that a window by record time holds.
    func events(from: Int64, to: Int64) -> [Event] { events.filter { $0.time >= from && $0.time < to } }
}
