import Testing

@testable import Doctor

@Suite
struct EdgeCheckTests {
    private static func findings(_ deliveries: [String: Int]?, isReady: Bool = true) -> [Finding] {
        var answer = EdgeFacts.Answer(isReady: isReady)
        if !isReady { answer.reasons = ["kafka: no metadata yet"] }
        answer.deliveries = deliveries
        let found = EdgeCheck.findings(.answered(answer), at: "http://127.0.0.1:9090")
        DoctorSample.expectAdvice(found)
        return found
    }

    @Test(
        arguments: [
            (100, 0, 0, nil), (0, 0, 0, nil), (0, 9, 0, nil), (0, 5, 5, "warning deliveries_partly_refused"),
            (0, 10, 0, "error deliveries_not_verified"), (9, 10, 0, "error deliveries_not_verified"),
            (0, 0, 10, "error deliveries_unsigned"), (100, 20, 0, "warning deliveries_partly_refused"),
            (1_000, 20, 20, nil),
        ] as [(Int, Int, Int, String?)]
    )
    func `refusals are compared with what was published`(
        published: Int,
        wrong: Int,
        unsigned: Int,
        trouble: String?
    ) {
        let found = Self.findings(["published": published, "bad_signature": wrong, "unsigned": unsigned])
        #expect(DoctorSample.checks(found) == [trouble].compactMap(\.self))
    }

    @Test func `an edge that is not ready says why`() {
        let found = Self.findings(nil, isReady: false)
        #expect(DoctorSample.checks(found) == ["error edge_not_ready"] && found[0].title.contains("no metadata yet"))
    }

    @Test(arguments: [EdgeFacts.notGiven, .silent("could not connect"), .foreign(status: 404)])
    func `no edge on this machine is no error`(facts: EdgeFacts) {
        #expect(DoctorSample.checks(EdgeCheck.findings(facts, at: "x")) == ["unknown edge_not_asked"])
    }

    @Test func `deliveries are summed by outcome`() {
        let text = """
            # TYPE notion_relay_deliveries_total counter
            notion_relay_deliveries_total{outcome="published",type="page.created"} 12
            notion_relay_deliveries_total{outcome="published",type="other"} 3
            notion_relay_deliveries_total{outcome="unsigned",type="none"} 1
            notion_relay_deliveries_total{outcome="stopping",type="none"} NaN
            notion_relay_deliveries_total{outcome="stopping
            other_total{outcome="published"} 7
            """
        #expect(EdgeReader.deliveries(text) == ["published": 15, "unsigned": 1])
        #expect(EdgeReader.deliveries("") == nil)
    }
}
