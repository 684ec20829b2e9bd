import Foundation
import Kafka
import OrderedConsumer
import TestSupport

/// What a replay has left in a topic, page by page.
struct ReplayedTopic {
    /// The numbers of each page's events, in the topic's order.
    private(set) var numbers: [String: [Int]] = [:]
    private(set) var count = 0
    /// Records that are not what was in the topic that was read: time, headers, mark.
    private(set) var changed: [String] = []
    private(set) var replays: Set<String> = []

    init() {}

    /// Reads a whole topic and compares each record with the event that it was.
    init(_ name: String, of history: HistoryTopic) async throws {
        let known = Dictionary(history.events.map { ($0.id, $0) }) { first, _ in first }
        try await Self.read(name, history.client) { record in
            add(record)
            let id = record.header("ce_id").map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard let event = known[id], let mark = ReplayMark(record: record) else {
                changed.append("\(id): no event, or no mark")
                return
            }
            replays.insert(mark.id)
            let headers = record.headers.map { "\($0.name)=\(String(decoding: $0.value ?? [], as: UTF8.self))" }
            let own = HistoryTopic.headers(event).map { "\($0)=\($1)" }
            let isSame =
                headers.dropLast(3) == own[...] && record.timestampMilliseconds == event.time
                && record.key == Array(event.key.utf8) && mark.topic == history.name
                && record.value == Array(#"{"number":\#(event.number)}"#.utf8)
            if !isSame, changed.count < 10 {
                changed.append("\(id): \(headers) at \(record.timestampMilliseconds ?? 0)")
            }
        }
    }

    mutating func add(_ record: Record) {
        count += 1
        let text = String(decoding: record.header("ce_id") ?? [], as: UTF8.self)
        let number = text.split(separator: "-").last.flatMap { Int($0) } ?? -1
        numbers[String(decoding: record.key ?? [], as: UTF8.self), default: []].append(number)
    }

    /// The numbers that each page should have.
    static func expected(_ events: [HistoryTopic.Event]) -> [String: [Int]] {
        Dictionary(grouping: events, by: \.key).mapValues { $0.map(\.number) }
    }

    /// The numbers as they came for the first time: what a consumer that drops duplicates sees.
    var firsts: [String: [Int]] {
        numbers.mapValues { numbers in
            var seen: Set<Int> = []
            return numbers.filter { seen.insert($0).inserted }
        }
    }

    /// Hands out all records that a topic has now, partition by partition in order.
    static func read(_ topic: String, _ client: ClientSettings, _ body: (Record) -> Void) async throws {
        try await TopicReader(client: client, topic: topic, limit: .total(.seconds(120))).readAll(body)
    }
}
