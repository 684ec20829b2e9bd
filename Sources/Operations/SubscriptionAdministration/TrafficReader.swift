import FoundationEssentials
package import Kafka
import NotionEvents
import OrderedConsumer
import TextOutput
import Timestamps

/// Counts what each subscription sent, from the topic of events. It joins no group, and reads headers only.
package struct TrafficReader: Sendable {
    private let client: ClientSettings
    private let topic: String
    private let silenceMax: Duration
    private let now: @Sendable () -> Int64

    /// `silenceMax` is how long a question may take, and the brokers be silent; `now` is in milliseconds since 1970.
    package init(
        client: ClientSettings,
        topic: String,
        silenceMax: Duration = .seconds(10),
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
    ) {
        self.client = client
        self.topic = topic
        self.silenceMax = silenceMax
        self.now = now
    }

    /// From a record time, in milliseconds since 1970, to the ends as they are now; of more than `recordsMax` the
    /// newest of each partition. Throws `TopicReaderError` without topic or answer; otherwise `KafkaError`.
    package func read(
        since milliseconds: Int64,
        recordsMax: Int = 1_000_000,
        progress: @escaping @Sendable (TopicReader.Progress) -> Void = { _ in }
    ) async throws -> TrafficReport {
        var tally = TrafficTally(from: milliseconds, to: now())
        let reader = TopicReader(client: client, topic: topic, timeout: silenceMax, progress: progress)
        let isComplete = try await reader.readNewest(since: milliseconds, recordsMax: recordsMax) { tally.add($0) }
        return tally.report(isComplete: isComplete)
    }
}

/// The headers by which traffic is counted, read once from a record. Each of them may be missing or invalid.
struct EventHeaders {
    // Limit: Notion's longest type has 29 bytes.
    private static let typeBytesMax = 128
    private static let typePrefix = Array("com.notion.".utf8)

    private(set) var source = EventSource.unknown
    private(set) var type = SubscriptionTraffic.other
    private(set) var occurredAt: Int64?
    private(set) var receivedAt: Int64?
    private(set) var isRepeated = false
    private(set) var isUnverified = false
    private(set) var isReplayed = false

    init(_ record: borrowing Record) {
        var found = (source: [UInt8]?.none, type: [UInt8]?.none, isReplayed: false)
        var (occurred, received) = (Int64?.none, Int64?.none)
        var (isRepeated, isUnverified) = (false, false)
        record.forEachHeader { name, value in
            guard let value else { return }
            switch name {
            case "ce_source": found.source = value.copied
            case "ce_type": found.type = value.copied
            case "ce_time": occurred = Timestamp.milliseconds(value.copied)
            case "ce_recordedtime": received = Timestamp.milliseconds(value.copied)
            case "ce_attempt": isRepeated = Self.isRepeated(value.copied)
            case "ce_verified": isUnverified = "false" ~= value
            case ReplayMark.Name.id, RedriveMark.Name.group: found.isReplayed = true
            default: break
            }
        }
        if let bytes = found.source { source = EventSource.parse(bytes) }
        if let bytes = found.type { type = Self.type(bytes) }
        (occurredAt, receivedAt) = (occurred, received)
        (self.isRepeated, self.isUnverified, isReplayed) = (isRepeated, isUnverified, found.isReplayed)
    }

    /// An invalid number of an attempt is ignored.
    private static func isRepeated(_ attempt: [UInt8]) -> Bool {
        guard attempt.count <= 18, let number = Int(String(decoding: attempt, as: UTF8.self)) else { return false }
        return number > 1
    }

    private static func type(_ bytes: [UInt8]) -> String {
        guard bytes.starts(with: typePrefix),
            let text = String(validating: bytes.dropFirst(typePrefix.count), as: UTF8.self),
            PlainText.isIdentifier(text, bytesMax: typeBytesMax)
        else { return SubscriptionTraffic.other }
        return text
    }
}

/// From `ce_source`, `/notion/workspaces/<id>/subscriptions/<id>`, where either part may be missing.
struct EventSource: Equatable {
    // Limit: Notion's ids are UUIDs of 36 bytes.
    private static let idBytesMax = 128
    private static let bytesMax = 1024

    /// Empty where there is none, or none that is printable.
    let workspaceID: String
    let subscriptionID: String

    static let unknown = EventSource(workspaceID: "", subscriptionID: "")

    static func parse(_ bytes: [UInt8]) -> EventSource {
        guard bytes.count <= bytesMax, let text = String(validating: bytes, as: UTF8.self), text.hasPrefix("/notion/")
        else { return .unknown }
        var rest = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        var ids: [Substring: String] = [:]
        while rest.count >= 2, let kind = rest.popFirst(), let id = rest.popFirst() { ids[kind] = Self.id(id) }
        return EventSource(workspaceID: ids["workspaces"] ?? "", subscriptionID: ids["subscriptions"] ?? "")
    }

    private static func id(_ segment: Substring) -> String? {
        var bytes = Array(segment.utf8)
        guard PercentEncoding.decode(&bytes), let text = String(validating: bytes, as: UTF8.self),
            PlainText.isIdentifier(text, bytesMax: idBytesMax)
        else { return nil }
        return text
    }
}
