import FoundationEssentials
package import Kafka

/// Counts what each subscription sent, from the topic of events. It joins no group, and reads headers only.
package struct TrafficReader: Sendable {
    private let client: ClientSettings
    private let topic: String
    private let silenceMax: Duration
    private let now: @Sendable () -> Int64

    /// `silenceMax` is how long a question to the brokers may take, and how long they may send nothing; `now` is in
    /// milliseconds since 1970.
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

    /// Reads from a record time, in milliseconds since 1970, to the ends that the partitions have now; if there is more
    /// than `recordsMax`, the newest of each partition.
    ///
    /// Throws `TopicReaderError` when there is no such topic, or the brokers send nothing; otherwise `KafkaError`.
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

/// Counts the events of a period by subscription. Pure; records may come in any order.
package struct TrafficTally: Sendable {
    // Limit: an installation has tens of subscriptions, and Notion 31 types.
    package static let subscriptionsMax = 4096
    package static let typesMax = 256

    /// The figures of one subscription. Silences and the median need all times, eight and four bytes an event, bounded
    /// by the reader's limit of records.
    fileprivate struct Count {
        var traffic: SubscriptionTraffic
        var times: [Int64] = []
        var delays: [Int32] = []
    }

    private let from: Int64
    private let to: Int64
    private var counts: [String: Count] = [:]
    private var recordsRead = 0
    private var replayed = 0

    /// Counts records whose time is at or after `from`, in milliseconds since 1970. A time after `to` counts as `to`:
    /// the clocks of replicas differ, and one that is years ahead must not hide a silence.
    package init(from: Int64, to: Int64) {
        self.from = from
        self.to = max(from, to)
    }

    /// Counts one record. The result says whether it was traffic.
    @discardableResult
    package mutating func add(_ record: borrowing Record) -> Bool {
        recordsRead += 1
        let headers = EventHeaders(record)
        guard let time = record.timestampMilliseconds ?? headers.receivedAt, time >= from else { return false }
        guard !headers.isReplayed else {
            replayed += 1
            return false
        }
        let id = headers.source.subscriptionID
        let isKnown = counts[id] != nil || counts.count < Self.subscriptionsMax
        let name = isKnown ? id : SubscriptionTraffic.other
        counts[name, default: Count(traffic: SubscriptionTraffic(subscriptionID: name))]
            .add(headers, at: min(time, to))
        return true
    }

    package func report(isComplete: Bool) -> TrafficReport {
        TrafficReport(
            subscriptions: counts.values.map(\.finished).sorted { $0.subscriptionID < $1.subscriptionID },
            from: from,
            to: to,
            recordsRead: recordsRead,
            replayed: replayed,
            isComplete: isComplete
        )
    }
}

extension TrafficTally.Count {
    mutating func add(_ headers: borrowing EventHeaders, at time: Int64) {
        if traffic.workspaceID.isEmpty { traffic.workspaceID = headers.source.workspaceID }
        let isKnown = traffic.byType[headers.type] != nil || traffic.byType.count < TrafficTally.typesMax
        let type = isKnown ? headers.type : SubscriptionTraffic.other
        traffic.events += 1
        traffic.byType[type, default: 0] += 1
        traffic.lastByType[type] = max(traffic.lastByType[type] ?? time, time)
        if headers.isRepeated { traffic.repeated += 1 }
        if headers.isUnverified { traffic.unverified += 1 }
        times.append(time)
        if let occurred = headers.occurredAt {
            let (delay, overflows) = (headers.receivedAt ?? time).subtractingReportingOverflow(occurred)
            if !overflows { delays.append(Int32(clamping: delay)) }
        }
    }

    /// With what needs all events.
    var finished: SubscriptionTraffic {
        var finished = traffic
        let sorted = times.sorted()
        finished.firstAt = sorted.first ?? 0
        finished.lastAt = sorted.last ?? 0
        finished.longestSilence = zip(sorted.dropFirst(), sorted).map { $0 - $1 }.max() ?? 0
        if !delays.isEmpty { finished.medianDelay = Int64(delays.sorted()[(delays.count - 1) / 2]) }
        return finished
    }
}
