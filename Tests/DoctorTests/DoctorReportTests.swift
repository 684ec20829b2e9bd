import Kafka
import NotionWebhooks
import Subscriptions
import Testing

@testable import Doctor

@Suite
struct DoctorReportTests {
    private static let findings = [
        Finding(
            area: .notion,
            check: "notion_access",
            level: .unknown,
            subject: "",
            title: "access?",
            meaning: "m",
            advice: "d",
            link: .capabilities
        ),
        Finding(
            area: .topics,
            check: "topic_missing",
            level: .error,
            subject: "a\u{1B}[2Jb",
            title: "is missing",
            meaning: "m",
            advice: "d"
        ),
        Finding(area: .kafka, check: "kafka_reachable", level: .ok, subject: "k", title: "is there"),
        Finding(
            area: .topics,
            check: "retention_short",
            level: .warning,
            subject: "t",
            title: "is short",
            meaning: "m",
            advice: "d"
        ),
    ]

    @Test func `findings are listed under their areas, with the advice below`() {
        let lines = DoctorReport(Self.findings).lines(clean: { $0.replacing("\u{1B}", with: "·") })
        let wanted = """
            kafka
              + ok       k: is there
            topics
              x error    a·[2Jb: is missing
                  means  m
                  do     d
              ! warning  t: is short
                  means  m
                  do     d
            notion
              ? unknown  access?
                  means  m
                  do     d
                  see    https://developers.notion.com/reference/capabilities
            1 error, 1 warning, 1 unknown, 4 findings
            """
        #expect(lines.joined(separator: "\n") == wanted)
    }

    @Test func `the JSON has sorted keys and all that the text has`() {
        let report = DoctorReport(Array(Self.findings.suffix(1)))
        let finding =
            #"{"area":"topics","check":"retention_short","do":"d","level":"warning","meaning":"m","#
            + #""subject":"t","title":"is short"}"#
        #expect(report.json == #"{"errors":0,"findings":[\#(finding)],"warnings":1}"#)
    }

    /// A run that can read nothing still has findings, and always asks what only Notion shows.
    @Test func `without brokers each area says so, and the questions about Notion stay`() {
        let evidence = Evidence(now: DoctorSample.now, kafka: .unreachable([]))
        let report = DoctorReport(evidence, DoctorSample.settings { $0.keys = SealingKeys([.generate()]) })
        let wanted = [
            "error kafka_silent", "unknown edge_not_asked", "unknown notion_access", "unknown notion_capabilities",
            "unknown notion_event_types", "unknown notion_subscription_status", "unknown tokens_not_checked",
            "unknown topics_not_checked", "unknown traffic_not_checked",
        ]
        #expect(DoctorSample.checks(report.findings) == wanted)
        #expect(report.errors == 1 && report.warnings == 0)
    }

    @Test func `what the API answers is not asked of the person again`() {
        var evidence = Evidence(now: DoctorSample.now, kafka: .reached(brokers: 3))
        var api = APIFacts(me: .status(200, code: nil))
        let page = RecentEvents.Entity(kind: "page", id: "p")
        api.entities = [.init(entity: page, answer: .status(200, code: nil))]
        api.comments = .status(200, code: nil)
        evidence.api = api
        let asked = NotionCheck.findings(evidence, DoctorSample.settings()).map(\.check)
        #expect(asked == ["notion_subscription_status", "notion_event_types"])
    }

    @Test func `an API token appears in no text`() {
        let token = APIToken("ntn_secret")
        let settings = DoctorSample.settings { $0.apiToken = token }
        #expect(!"\(token) \(settings)".contains("ntn_secret") && !String(reflecting: settings).contains("ntn_secret"))
    }
}
