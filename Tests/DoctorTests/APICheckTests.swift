import HTTPClient
import Subscriptions
import Testing

@testable import Doctor
@testable import SubscriptionAdministration

@Suite
struct APICheckTests {
    private static let page = RecentEvents.Entity(kind: "page", id: "00000000-0000-8000-8000-000000000001")
    private static let database = RecentEvents.Entity(kind: "database", id: "00000000-0000-8000-8000-000000000002")
    private static let gone = APIFacts.Answer.status(404, code: "object_not_found")
    private static let there = APIFacts.Answer.status(200, code: nil)

    private static func traffic(_ byType: [String: Int], workspace: String = "w") -> TrafficFacts {
        let one = SubscriptionTraffic(subscriptionID: "s", workspaceID: workspace, events: 9, byType: byType)
        return TrafficFacts(report: TrafficReport(subscriptions: [one], from: 0, to: 1))
    }

    private static func findings(
        _ me: APIFacts.Answer = there,
        traffic: TrafficFacts? = traffic(["page.created": 9]),
        _ change: (inout APIFacts) -> Void = { _ in }
    ) -> [Finding] {
        var facts = APIFacts(me: me)
        facts.workspaceID = "w"
        change(&facts)
        let found = APICheck.findings(facts, at: "https://api.notion.com/", traffic: traffic)
        DoctorSample.expectAdvice(found)
        return found
    }

    @Test(arguments: [
        (APIFacts.Answer.status(401, code: "unauthorized"), "error api_token_refused"),
        (.status(403, code: "restricted_resource"), "error api_forbidden"),
        (.status(429, code: "rate_limited"), "warning api_rate_limited"),
        (.status(529, code: "service_overload"), "warning api_rate_limited"),
        (.status(503, code: nil), "warning api_unusual"), (.failed(.timedOut), "warning api_unreachable"),
    ])
    func `a token that does not work has its reason, and no other finding`(answer: APIFacts.Answer, trouble: String) {
        let found = Self.findings(answer) { $0.comments = .status(403, code: nil) }
        #expect(DoctorSample.checks(found) == [trouble])
    }

    @Test func `a token of another workspace is an error`() {
        #expect(DoctorSample.checks(Self.findings { $0.workspaceID = "other" }) == ["error api_other_workspace"])
        #expect(DoctorSample.checks(Self.findings { $0.workspaceID = "" }) == [])
        #expect(DoctorSample.checks(Self.findings(traffic: nil) { $0.workspaceID = "other" }) == [])
    }

    @Test func `entities that are not found are an error if all are, else a warning`() {
        let all = Self.findings { $0.entities = [.init(entity: Self.page, answer: Self.gone)] }
        #expect(DoctorSample.checks(all) == ["error api_no_access"])
        let some = Self.findings {
            $0.entities = [
                .init(entity: Self.page, answer: Self.gone), .init(entity: Self.database, answer: Self.there),
            ]
        }
        #expect(DoctorSample.checks(some) == ["warning api_no_access"])
        let none = Self.findings { $0.entities = [.init(entity: Self.page, answer: Self.there)] }
        #expect(DoctorSample.checks(none) == [] && none.contains { $0.check == "api_access" })
        let unknown = Self.findings { $0.entities = [.init(entity: Self.page, answer: .failed(.timedOut))] }
        #expect(DoctorSample.checks(unknown) == [])
    }

    @Test(arguments: [
        (403, 0, ["error comments_capability"]), (403, 3, ["warning comments_capability"]), (200, 0, []), (404, 0, []),
    ])
    func `a missing capability is an error if no comment events came`(status: Int, came: Int, troubles: [String]) {
        let found = Self.findings(traffic: Self.traffic(["page.created": 9, "comment.created": came])) {
            $0.comments = .status(status, code: nil)
        }
        #expect(DoctorSample.checks(found) == troubles)
    }
}
