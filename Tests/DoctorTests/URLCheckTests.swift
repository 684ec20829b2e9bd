import HTTPClient
import Testing

@testable import Doctor

@Suite
struct URLCheckTests {
    private static let refused = ProbeAnswer.answered(.init(status: 401, outcome: "bad_signature"))

    private static func findings(
        _ answer: ProbeAnswer,
        url: String = "https://relay.harbour.studio/notion/webhooks",
        change: (inout URLFacts) -> Void = { _ in }
    ) throws -> [Finding] {
        var facts = URLFacts(url: try #require(PublicURL(url)), answer: answer)
        change(&facts)
        let found = URLCheck.findings(facts, DoctorSample.settings(), now: DoctorSample.now)
        DoctorSample.expectAdvice(found)
        return found
    }

    @Test func `an address that leads to the edge is in order`() throws {
        let found = try Self.findings(Self.refused)
        #expect(DoctorSample.checks(found) == [] && found.map(\.check) == ["url_leads_to_edge"])
    }

    @Test(arguments: [
        ("http://relay.harbour.studio/", ["error url_not_https"]),
        ("https://127.0.0.1/", ["error url_not_public"]), ("https://8.8.8.8/", ["warning url_is_address"]),
        ("http://localhost:8080/", ["error url_not_https", "error url_not_public"]),
    ])
    func `an address that Notion cannot use is an error whatever answers`(url: String, troubles: [String]) throws {
        #expect(DoctorSample.checks(try Self.findings(Self.refused, url: url)) == troubles)
    }

    @Test(arguments: [
        (ClientError.couldNotConnect("Could not resolve host: relay"), "name_unknown"),
        (.couldNotConnect("Failed to connect to relay port 443: Connection refused"), "refused"),
        (.timedOut, "silent"), (.connectionLost("Empty reply from server"), "no_answer"),
        (.tls("SSL certificate problem: certificate has expired"), "certificate_expired"),
        (.tls("SSL certificate problem: certificate is not yet valid"), "certificate_not_yet_valid"),
        (.tls("SSL: no alternative certificate subject name matches target host name"), "certificate_other_host"),
        (.tls("SSL certificate problem: unable to get local issuer certificate"), "certificate_untrusted"),
        (.tls("SSL certificate problem: self-signed certificate"), "certificate_untrusted"),
        (.tls("error:0A00010B:SSL routines::wrong version number"), "tls"),
    ])
    func `without an answer the reason is named`(error: ClientError, check: String) throws {
        #expect(DoctorSample.checks(try Self.findings(.failed(error))) == ["error url_\(check)"])
    }

    @Test(
        arguments: [
            (404, "not_found", false, "error url_wrong_path"), (404, nil, false, "error url_not_found"),
            (405, nil, false, "error url_method_refused"), (301, nil, false, "error url_redirects"),
            (308, nil, true, "error url_redirects"), (200, nil, false, "error url_accepts_unverified"),
            (200, "dead_lettered", false, "error url_signature_stripped"), (200, nil, true, "error url_login_page"),
            (403, nil, true, "error url_login_page"), (403, nil, false, "error url_foreign_answer"),
            (401, nil, false, "error url_foreign_answer"), (502, nil, true, "error url_server_error"),
            (503, nil, false, "error url_server_error"),
            (503, "broker_unavailable", false, "error url_edge_unavailable"),
            (503, "stopping", false, "error url_edge_unavailable"),
            (503, "tokens_unknown", false, "error url_edge_unavailable"),
            (401, "unsigned", false, "error url_signature_stripped"),
            (413, "too_large", false, "error url_edge_refuses"),
        ] as [(Int, String?, Bool, String)]
    )
    func `an answer other than the edge's refusal says what is in front`(
        status: Int,
        outcome: String?,
        isHTML: Bool,
        trouble: String
    ) throws {
        var answer = ProbeAnswer.Answer(status: status, outcome: outcome)
        answer.isHTML = isHTML
        #expect(DoctorSample.checks(try Self.findings(.answered(answer))) == [trouble])
    }

    @Test(
        arguments: [(Int64(1), ["warning url_certificate_ends"]), (13, ["warning url_certificate_ends"]), (15, [])]
            as [(Int64, [String])]
    )
    func `a certificate that ends soon is a warning`(days: Int64, troubles: [String]) throws {
        let found = try Self.findings(Self.refused) { $0.certificateEnds = DoctorSample.now + days * DoctorSample.day }
        #expect(DoctorSample.checks(found) == troubles)
    }

    @Test func `a name that resolves to a private address from here is a warning`() throws {
        let inside = try Self.findings(Self.refused) { $0.remoteAddress = "10.0.0.7" }
        #expect(DoctorSample.checks(inside) == ["warning url_resolves_inside"])
        let outside = try Self.findings(Self.refused) { $0.remoteAddress = "203.0.113.7" }
        #expect(DoctorSample.checks(outside) == [])
    }

    @Test(arguments: [
        ("Dec 31 23:59:59 2026 GMT", Int64(1_798_761_599_000)), ("Jan  1 00:00:00 2027 GMT", 1_798_761_600_000),
        ("tomorrow", nil), ("Dec 31 23:59:59 2026", nil), ("Dec 32 23:59:59 2026 GMT", nil),
    ])
    func `a certificate's date is read as OpenSSL writes it`(text: String, milliseconds: Int64?) {
        #expect(URLReader.certificateTime(text) == milliseconds)
    }
}
