import Kafka
import Subscriptions
import Testing

@testable import Doctor
@testable import SubscriptionAdministration

@Suite
struct TrafficCheckTests {
    private static let now = DoctorSample.now
    private static let hour: Int64 = 3_600_000

    private static func busy(_ change: (inout SubscriptionTraffic) -> Void = { _ in }) -> SubscriptionTraffic {
        var traffic = SubscriptionTraffic(
            subscriptionID: "s",
            workspaceID: "w",
            events: 100,
            byType: ["page.content_updated": 90, "comment.created": 10],
            lastByType: ["page.content_updated": now - hour],
            firstAt: now - 100 * hour,
            lastAt: now - hour,
            longestSilence: 2 * hour,
            medianDelay: 70_000
        )
        change(&traffic)
        return traffic
    }

    private static func findings(
        _ subscriptions: [SubscriptionTraffic],
        letters: DeadLetters? = nil,
        commentsAllowed: Bool? = nil
    ) -> [Finding] {
        let report = TrafficReport(subscriptions: subscriptions, from: now - 168 * hour, to: now)
        let found = TrafficCheck.findings(
            TrafficFacts(report: report, deadLetters: letters),
            DoctorSample.settings(),
            commentsAllowed: commentsAllowed,
            now: now
        )
        DoctorSample.expectAdvice(found)
        return found
    }

    @Test func `no event at all is unknown, not an error`() {
        #expect(DoctorSample.troubles(Self.findings([])) == ["unknown no_events events"])
    }

    @Test func `usual traffic has no warnings`() {
        let found = Self.findings([Self.busy()], letters: DeadLetters(count: 0))
        #expect(DoctorSample.troubles(found) == [])
        #expect(found[0].subject == "s" && found[0].title.contains("page.content_updated 90, comment.created 10"))
    }

    @Test func `a silence longer than usual is a warning`() {
        let quiet = Self.busy { $0.lastAt = Self.now - 5 * Self.hour }
        #expect(DoctorSample.troubles(Self.findings([quiet])) == ["warning subscription_silent s"])
        let rare = Self.busy {
            $0.lastAt = Self.now - 5 * Self.hour
            $0.events = 5
        }
        #expect(DoctorSample.troubles(Self.findings([rare])) == [])
    }

    @Test(arguments: [(5, []), (6, ["warning repeated_attempts s"])])
    func `more than five percent of repeated attempts is a warning`(repeated: Int, troubles: [String]) {
        #expect(DoctorSample.troubles(Self.findings([Self.busy { $0.repeated = repeated }])) == troubles)
    }

    @Test func `events without a signature are a warning`() {
        #expect(DoctorSample.checks(Self.findings([Self.busy { $0.unverified = 1 }])) == ["warning unverified_events"])
    }

    @Test(arguments: [
        (Bool?.none, ["unknown no_comment_events"]), (true, []), (false, []),
    ])
    func `missing comment events are unknown unless the API has answered`(
        allowed: Bool?,
        troubles: [String]
    ) {
        let pages = Self.busy { $0.byType = ["page.created": 100] }
        #expect(DoctorSample.checks(Self.findings([pages], commentsAllowed: allowed)) == troubles)
    }

    @Test(arguments: [(Int64(60_000), true), (600_000, false)])
    func `aggregated events are said to come late while some are due`(age: Int64, isTold: Bool) {
        let found = Self.findings([Self.busy { $0.lastByType = ["page.content_updated": Self.now - age] }])
        let told = found.first { $0.check == "aggregation_delay" }
        #expect((told != nil) == isTold)
        if let told { #expect(told.title.contains("70 s")) }
    }

    @Test func `dead letters are counted with their reasons`() {
        let found = Self.findings([Self.busy()], letters: DeadLetters(count: 3, reasons: ["not_json"]))
        #expect(DoctorSample.troubles(found) == ["warning dead_letters letters"])
        #expect(found.last?.title.contains("not_json") == true)
    }

    @Test func `of many subscriptions some are listed and the rest are counted`() {
        let many = (0..<50).map { number in Self.busy { $0.subscriptionID = "s\(number)" } }
        let found = Self.findings(many)
        #expect(found.count { $0.check == "subscription_events" } == 20)
        #expect(found.contains { $0.title.contains("30 more") })
    }

    @Test func `the newest entities are those that the API can be asked for`() {
        func record(_ subject: String, _ type: String, _ time: Int64) -> Record {
            Record(
                topic: "events",
                timestampMilliseconds: time,
                headers: [
                    .init(name: "ce_subject", value: Array(subject.utf8)),
                    .init(name: "ce_type", value: Array("com.notion.\(type)".utf8)),
                ],
                value: []
            )
        }
        let ids = (1...6).map { "00000000-0000-8000-8000-00000000000\($0)" }
        let recent = RecentEvents([
            record("page/\(ids[0])", "page.created", 10), record("page/\(ids[1])", "page.created", 30),
            record("page/\(ids[2])", "page.created", 20), record("page/\(ids[3])", "page.deleted", 40),
            record("data_source/\(ids[4])", "data_source.created", 5), record("view/\(ids[5])", "view.created", 50),
            record("page/../../users", "page.created", 60), record("page/\(ids[0])/x", "page.created", 70),
            Record(topic: "events", value: nil),
        ])
        let wanted = [
            RecentEvents.Entity(kind: "data_source", id: ids[4]), RecentEvents.Entity(kind: "page", id: ids[1]),
        ]
        #expect(recent.entities == wanted && recent.newestAt == 70)
    }
}
