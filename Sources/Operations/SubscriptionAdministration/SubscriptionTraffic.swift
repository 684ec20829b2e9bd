package import Kafka

/// Times are those of the records, in milliseconds since 1970: when a replica received the event.
package struct SubscriptionTraffic: Sendable, Equatable {
    /// Stands for types and subscriptions beyond the limits, and for invalid types.
    package static let other = "other"

    /// Notion's ids, empty where the events had none.
    package var subscriptionID: String
    package var workspaceID = ""
    package var events = 0
    /// By Notion's name of the type: `page.created`.
    package var byType: [String: Int] = [:]
    package var lastByType: [String: Int64] = [:]
    package var firstAt: Int64 = 0
    package var lastAt: Int64 = 0
    /// Events that took Notion more than one attempt: earlier ones failed, or their answers were lost.
    package var repeated = 0
    /// The longest time between two events that follow each other, in milliseconds; 0 with less than two.
    package var longestSilence: Int64 = 0
    /// From the event to its receipt, in milliseconds; nil when no event said when it occurred.
    package var medianDelay: Int64?
    package var unverified = 0

    // Limit: fewer events do not show what is usual.
    private static let eventsMin = 20
    private static let silenceMin: Int64 = 30 * 60_000

    package var isSteady: Bool { events >= Self.eventsMin }

    /// Notion may have paused it. Each workspace has its own rhythm, so the measure is twice its longest silence in the
    /// period, and at least half an hour. One with few events is never called quiet: a false alarm every evening would
    /// be useless.
    package func isQuiet(at now: Int64) -> Bool { isSteady && now - lastAt > max(Self.silenceMin, 2 * longestSilence) }
}

package struct TrafficReport: Sendable, Equatable {
    /// Sorted by their ids.
    package var subscriptions: [SubscriptionTraffic]
    /// The period of record times, in milliseconds since 1970.
    package var from: Int64
    package var to: Int64
    package var recordsRead = 0
    /// Records that were sent again by a replay or a redrive; they are not traffic.
    package var replayed = 0
    /// Whether all records of the period were read; if not, the oldest ones are missing.
    package var isComplete = true
}

package struct TrafficTally: Sendable {
    // Limit: an installation has tens of subscriptions, and Notion 31 types.
    package static let subscriptionsMax = 4096
    package static let typesMax = 256

    private let from: Int64
    private let to: Int64
    private var counts: [String: Count] = [:]
    private var recordsRead = 0
    private var replayed = 0

    /// In milliseconds since 1970. A time after `to` counts as `to`: a clock years ahead must not hide a silence.
    package init(from: Int64, to: Int64) {
        self.from = from
        self.to = max(from, to)
    }

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

    /// Silences and the median need all times, twelve bytes an event, bounded by the reader's limit of records.
    private struct Count {
        var traffic: SubscriptionTraffic
        var times: [Int64] = []
        var delays: [Int32] = []

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
}
