import Kafka
import TestSupport
import Testing
import Timestamps

@testable import SubscriptionAdministration
@testable import Subscriptions

/// What is counted of the events' headers, compared with a simple model and with headers that nobody should write.
@Suite
struct TrafficTallyTests {
    private static let workspace = "11111111-2222-8333-8444-555555555555"
    private static let start: Int64 = 1_790_000_000_000

    private static func record(_ headers: [(String, String)], at time: Int64?) -> Record {
        let headers = headers.map { Record.Header(name: $0.0, value: Array($0.1.utf8)) }
        return Record(topic: "events", timestampMilliseconds: time, headers: headers, value: nil)
    }

    private struct Event {
        let subscription: Int
        let type: String
        let time: Int64
        let delay: Int64
        let attempt: Int
        let isUnverified: Bool
        let isReplayed: Bool

        init(using generator: inout SeededGenerator) {
            subscription = Int.random(in: 0..<4, using: &generator)
            type = ["page.created", "page.moved", "comment.created"].randomElement(using: &generator) ?? ""
            time = start + Int64.random(in: -1000...90_000, using: &generator)
            delay = Int64.random(in: -50...60_000, using: &generator)
            attempt = Int.random(in: 1...3, using: &generator)
            isUnverified = Int.random(in: 0..<5, using: &generator) == 0
            isReplayed = Int.random(in: 0..<6, using: &generator) == 0
        }

        var id: String { "subscription-\(subscription)" }

        var record: Record {
            var headers = [
                ("ce_source", "/notion/workspaces/\(workspace)/subscriptions/\(id)"),
                ("ce_type", "com.notion.\(type)"), ("ce_attempt", "\(attempt)"),
                ("ce_time", Timestamp.text(milliseconds: time - delay)),
                ("ce_recordedtime", Timestamp.text(milliseconds: time)),
            ]
            if isUnverified { headers.append(("ce_verified", "false")) }
            if isReplayed { headers.append((subscription == 0 ? "relay-replay-id" : "relay-redrive-group", "x")) }
            return TrafficTallyTests.record(headers, at: time)
        }
    }

    /// The same by filters, one question after the other.
    private static func model(_ events: [Event], _ id: String, to: Int64) -> SubscriptionTraffic {
        let own = events.filter { $0.id == id && $0.time >= start && !$0.isReplayed }
        let times = own.map { min($0.time, to) }.sorted()
        var traffic = SubscriptionTraffic(subscriptionID: id, workspaceID: workspace, events: own.count)
        for type in Set(own.map(\.type)) {
            traffic.byType[type] = own.filter { $0.type == type }.count
            traffic.lastByType[type] = own.filter { $0.type == type }.map { min($0.time, to) }.max()
        }
        (traffic.firstAt, traffic.lastAt) = (times[0], times[times.count - 1])
        traffic.repeated = own.filter { $0.attempt > 1 }.count
        for index in times.indices.dropFirst() {
            traffic.longestSilence = max(traffic.longestSilence, times[index] - times[index - 1])
        }
        traffic.medianDelay = own.map(\.delay).sorted()[(own.count - 1) / 2]
        traffic.unverified = own.filter(\.isUnverified).count
        return traffic
    }

    @Test
    func `random events in any order are counted as a simple model counts them`() {
        var generator = SeededGenerator()
        for _ in 0..<100 {
            let events = (0..<Int.random(in: 0...200, using: &generator)).map { _ in Event(using: &generator) }
            let to = Self.start + 80_000
            var tally = TrafficTally(from: Self.start, to: to)
            for event in events { tally.add(event.record) }
            let report = tally.report(isComplete: true)
            let ids = Set(events.filter { $0.time >= Self.start && !$0.isReplayed }.map(\.id)).sorted()
            #expect(report.subscriptions == ids.map { Self.model(events, $0, to: to) }, "\(generator)")
            #expect(report.recordsRead == events.count)
            #expect(report.replayed == events.filter { $0.isReplayed && $0.time >= Self.start }.count)
        }
    }

    private struct Ids: Sendable, CustomTestStringConvertible {
        let source: [UInt8]
        var workspace = ""
        var subscription = ""
        var testDescription: String { String(decoding: source.prefix(80), as: UTF8.self) }

        init(_ source: String, _ workspace: String = "", _ subscription: String = "") {
            (self.source, self.workspace, self.subscription) = (Array(source.utf8), workspace, subscription)
        }
    }

    private static let sources = [
        Ids("/notion/workspaces/w/subscriptions/s", "w", "s"), Ids("/notion/workspaces/w", "w"),
        Ids("/notion/subscriptions/s", "", "s"), Ids("/notion"), Ids(""), Ids("/"), Ids("/notion/"), Ids("//notion//"),
        Ids("/notion/workspaces/a%20b/subscriptions/%C3%A9%2F", "a b", "é/"),
        Ids("/notion/workspaces/w/subscriptions/%FF", "w"), Ids("/notion/workspaces/w/subscriptions/%1B[2J", "w"),
        Ids("/notion/workspaces/w/subscriptions/", "w"), Ids("/notion/workspaces/w/subscriptions", "w"),
        Ids("/notion/subscriptions/" + String(repeating: "s", count: 129)),
        Ids("/notion/subscriptions/" + String(repeating: "s", count: 1_000_000)),
        Ids("/other/subscriptions/s"), Ids("/notion/a/b/c/d/subscriptions/s", "", "s"),
    ]

    @Test(arguments: sources)
    private func `the ids come out of the source, and what is none is none`(ids: Ids) throws {
        var tally = TrafficTally(from: 0, to: Self.start)
        tally.add(
            Record(
                topic: "t",
                timestampMilliseconds: 1,
                headers: [.init(name: "ce_source", value: ids.source)],
                value: nil
            )
        )
        let traffic = try #require(tally.report(isComplete: true).subscriptions.first)
        #expect(traffic.workspaceID == ids.workspace)
        #expect(traffic.subscriptionID == ids.subscription)
    }

    @Test
    func `headers that are missing, huge, no text or absurd are counted and do no harm`() throws {
        let huge = [UInt8](repeating: 0x31, count: 1 << 20)
        let values: [[UInt8]?] = [
            nil, [], [0xFF, 0xFE], huge, Array("com.notion.".utf8), Array("com.notion.\u{1B}[2J".utf8),
            Array("9223372036854775808".utf8), Array("-5".utf8), Array("9999-12-31T23:59:59Z".utf8),
            Array("0000-01-01T00:00:00Z".utf8), Array("99999999999999999999999999999999999999".utf8),
        ]
        let names = ["ce_source", "ce_type", "ce_attempt", "ce_time", "ce_recordedtime", "ce_verified"]
        let times: [Int64?] = [nil, .min, -1, 0, 5, .max]
        var tally = TrafficTally(from: 0, to: Self.start)
        var count = 0
        for time in times {
            for name in names {
                for value in values {
                    let headers = [Record.Header(name: name, value: value)]
                    tally.add(Record(topic: "t", timestampMilliseconds: time, headers: headers, value: huge))
                    count += 1
                }
            }
        }
        let report = tally.report(isComplete: true)
        #expect(report.recordsRead == count)
        let traffic = try #require(report.subscriptions.first)
        #expect(report.subscriptions.count == 1 && traffic.subscriptionID.isEmpty)
        #expect(traffic.byType.keys.sorted() == [SubscriptionTraffic.other])
        #expect(traffic.lastAt == Self.start && traffic.firstAt == 0 && traffic.repeated == 0)
        #expect(!traffic.isQuiet(at: .max - 1) || traffic.events >= 20)
    }

    @Test
    func `subscriptions and types beyond the limits are counted together`() throws {
        var tally = TrafficTally(from: 0, to: Self.start)
        let extra = 10
        for number in 0..<(TrafficTally.subscriptionsMax + extra) {
            tally.add(Self.record([("ce_source", "/notion/subscriptions/s\(number)")], at: 1))
        }
        for number in 0..<(TrafficTally.typesMax + extra) {
            let headers = [("ce_source", "/notion/subscriptions/s0"), ("ce_type", "com.notion.t\(number)")]
            tally.add(Self.record(headers, at: 1))
        }
        let report = tally.report(isComplete: true)
        #expect(report.subscriptions.count == TrafficTally.subscriptionsMax + 1)
        let rest = try #require(report.subscriptions.first { $0.subscriptionID == SubscriptionTraffic.other })
        #expect(rest.events == extra)
        let first = try #require(report.subscriptions.first { $0.subscriptionID == "s0" })
        #expect(first.byType.count == TrafficTally.typesMax)
        // One for the event without a type, the others for the types that came too late.
        #expect(first.byType[SubscriptionTraffic.other] == 1 + extra + 1)
    }

    private static let silences: [(events: Int, silence: Int64, since: Int64, isQuiet: Bool)] = [
        (19, 0, 1_000_000_000, false), (20, 0, 30 * 60_000, false), (20, 0, 30 * 60_000 + 1, true),
        (20, 20 * 60_000, 40 * 60_000, false), (20, 20 * 60_000, 40 * 60_000 + 1, true),
        (1_000, 12 * 3_600_000, 24 * 3_600_000, false), (20, 0, -5, false),
    ]

    @Test(arguments: silences)
    func `quiet is what was silent for longer than is usual for it`(
        events: Int,
        silence: Int64,
        since: Int64,
        isQuiet: Bool
    ) {
        let traffic = SubscriptionTraffic(
            subscriptionID: "s",
            events: events,
            lastAt: Self.start,
            longestSilence: silence
        )
        #expect(traffic.isQuiet(at: Self.start + since) == isQuiet)
    }
}
