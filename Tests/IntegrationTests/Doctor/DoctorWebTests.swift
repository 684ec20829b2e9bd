import Foundation
import HTTPServer
import Kafka
import TestSupport
import Testing

/// The built program's `doctor` before public URLs that lead astray, edges that complain, and Notion's API as it
/// answers connections that lack something.
@Suite(.needsKafka, .timeLimit(.minutes(3)))
struct DoctorWebTests {
    typealias Answer = ScriptedService.Answer

    private func setup(_ arguments: [String]) async throws -> DoctorSetup {
        var setup = try await DoctorSetup()
        try setup.send(30)
        setup.arguments = arguments
        return setup
    }

    // MARK: The public URL

    private static let html = [("Content-Type", "text/html; charset=utf-8")]
    private static let json = [("Content-Type", "application/json")]

    @Test(arguments: [
        (Answer.reply(301, headers: [("Location", "https://www.harbour.studio/x?k=s3cret")]), "error url_redirects"),
        (.reply(200, headers: html, body: "<form>Sign in</form>"), "error url_login_page"),
        (.reply(404, body: "no route"), "error url_not_found"), (.reply(405), "error url_method_refused"),
        (.reply(200, body: "ok"), "error url_accepts_unverified"), (.reply(502), "error url_server_error"),
        (.reply(503, headers: json, body: #"{"error":"stopping"}"#), "error url_edge_unavailable"),
        // Whatever comes arrives without its signature.
        (.reply(401, headers: json, body: #"{"error":"unsigned"}"#), "error url_signature_stripped"),
        (.none, "error url_silent"),
    ])
    func `an address that does not lead to the edge says where it leads`(answer: Answer, trouble: String) async throws {
        let service = try ScriptedService { _ in answer }
        let found = try await setup(["--url", service.url, "--timeout", "1s"]).run()
        #expect(found.troubles == [trouble], "\(found.text)")
        #expect(!found.text.contains("s3cret"))
        for request in service.requests {
            #expect(request.method == "POST" && request.body == Array("{}".utf8))
            #expect(request.headers["x-notion-signature"]?.hasPrefix("sha256=000") == true)
        }
    }

    @Test func `an address at which nobody listens is told`() async throws {
        let found = try await setup(["--url", "http://127.0.0.1:\(FreePort.next())/notion/webhooks"]).run()
        #expect(found.troubles == ["error url_refused"])
        #expect(found.found("url_not_public")?.level == "error")
    }

    @Test func `an edge is found at its address, and told from a wrong path`() async throws {
        var setup = try await setup([])
        let edge = try await setup.edge()
        for (path, troubles) in [("/notion/webhooks", []), ("/notion", ["error url_wrong_path"])] {
            setup.arguments = ["--url", "http://127.0.0.1:\(edge.port)\(path)"]
            let found = try await setup.run()
            #expect(found.troubles == troubles, "\(found.text)")
            #expect((found.found("url_leads_to_edge") != nil) == troubles.isEmpty)
        }
        for outcome in ["published", "dead_lettered"] {
            #expect(await edge.metric("notion_relay_deliveries_total{outcome=\"\(outcome)\",type=\"none\"}") == 0)
        }
    }

    private enum Certificate: String, CaseIterable {
        case good, endsSoon, expired, otherHost, untrusted
    }

    @Test(arguments: Certificate.allCases)
    private func `a certificate that Notion would not take is told`(kind: Certificate) async throws {
        let certificates = try await TestCertificates()
        let pair =
            switch kind {
            case .good, .untrusted: try await certificates.certificate("server")
            case .endsSoon: try await certificates.certificate("server", days: 3)
            case .expired: try await certificates.expiredCertificate("server")
            case .otherHost: try await certificates.certificate("server", names: "DNS:relay.harbour.studio")
            }
        let identity = try TLSIdentity(TLSFiles(certificate: pair.certificate, key: pair.key))
        let service = try ScriptedService(tls: identity) { request in
            let outcome = request.headers["x-notion-signature"] == nil ? "unsigned" : "bad_signature"
            return .reply(401, headers: Self.json, body: #"{"error":"\#(outcome)","message":"…"}"#)
        }
        var arguments = ["--url", "https://localhost:\(service.port)/notion/webhooks"]
        if kind != .untrusted { arguments += ["--ca-file", certificates.authority.certificate] }
        let found = try await setup(arguments).run()
        let troubles: [Certificate: [String]] = [
            .good: [], .endsSoon: ["warning url_certificate_ends"], .expired: ["error url_certificate_expired"],
            .otherHost: ["error url_certificate_other_host"], .untrusted: ["error url_certificate_untrusted"],
        ]
        #expect(found.troubles == troubles[kind], "\(found.text)")
    }

    // MARK: The edge

    @Test func `an edge that is not ready gives its reasons`() async throws {
        let setup = try await DoctorSetup(hasTopic: false)
        let edge = try await setup.edge(ready: 503)
        let found = try await setup.run()
        #expect(found.troubles == ["error edge_not_ready", "error topic_missing"])
        #expect(found.found("edge_not_ready")?.title.contains("does not exist") == true)
        withExtendedLifetime(edge) {}
    }

    @Test func `deliveries that do not verify are an error of the token or a proxy`() async throws {
        let setup = try await setup([])
        let edge = try await setup.edge()
        let connection = try #require(LoopbackConnection(port: edge.port))
        let forged = SignedDelivery(token: "secret_of_another_subscription")
        for _ in 0..<12 { await connection.send(forged.request(path: "/notion/webhooks")) }
        let series = "notion_relay_deliveries_total{outcome=\"bad_signature\",type=\"none\"}"
        try await eventually(within: .seconds(10), "twelve refusals") {
            await edge.metric(series) == 12 ? true : nil
        }
        let found = try await setup.run()
        #expect(found.troubles == ["error deliveries_not_verified"], "\(found.text)")
    }

    // MARK: Notion's API

    private struct Lacking: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let troubles: [String]
        /// By the beginning of the target; everything else is there.
        let answers: [String: Answer]
        var types = ["page.content_updated", "comment.created"]
    }

    private static func error(_ status: Int, _ code: String) -> Answer {
        .reply(status, headers: json, body: #"{"object":"error","status":\#(status),"code":"\#(code)"}"#)
    }

    private static func me(workspace: String, headers: [(String, String)] = json) -> Answer {
        let body = #"{"object":"user","id":"b","type":"bot","bot":{"workspace_id":"\#(workspace)"}}"#
        return .reply(200, headers: headers, body: body)
    }

    @Test(arguments: [
        Lacking(testDescription: "all is there", troubles: [], answers: [:]),
        Lacking(
            testDescription: "the token was replaced",
            troubles: ["error api_token_refused"],
            answers: ["/v1/users/me": error(401, "unauthorized")]
        ),
        Lacking(
            testDescription: "another program uses the limit up",
            troubles: ["warning api_rate_limited"],
            answers: ["/v1/users/me": error(429, "rate_limited")]
        ),
        Lacking(
            testDescription: "another connection's token",
            troubles: ["error api_other_workspace"],
            answers: ["/v1/users/me": me(workspace: "99999999-2222-8333-8444-555555555555")]
        ),
        Lacking(
            testDescription: "the connection was taken off the page",
            troubles: ["error api_no_access"],
            answers: ["/v1/pages/": error(404, "object_not_found")]
        ),
        Lacking(
            testDescription: "comments may not be read, and none came",
            troubles: ["error comments_capability"],
            answers: ["/v1/comments": error(403, "restricted_resource")],
            types: ["page.content_updated"]
        ),
        Lacking(
            testDescription: "our clock is an hour ahead",
            troubles: ["error clock_skew"],
            answers: [
                "/v1/users/me": me(
                    workspace: DoctorSetup.workspace,
                    headers: [("Date", "Tue, 06 Oct 2026 09:02:47 GMT")]
                )
            ]
        ),
    ])
    private func `what the connection lacks is told by Notion's API`(lacking: Lacking) async throws {
        let service = try ScriptedService { request in
            if let given = lacking.answers.first(where: { request.target.hasPrefix($0.key) }) { return given.value }
            return request.target == "/v1/users/me"
                ? Self.me(workspace: DoctorSetup.workspace) : .reply(200, headers: Self.json, body: "{}")
        }
        var setup = try await DoctorSetup()
        try setup.send(30, types: lacking.types)
        setup.environment["NOTION_RELAY_API_TOKEN"] = "ntn_never_shown"
        setup.arguments = ["--api-url", "http://127.0.0.1:\(service.port)"]
        let found = try await setup.run()
        #expect(found.troubles == lacking.troubles, "\(found.text)")
        #expect(!found.text.contains("ntn_never_shown"))
        for request in service.requests {
            #expect(request.method == "GET" && request.headers["authorization"] == "Bearer ntn_never_shown")
            #expect(request.headers["notion-version"] == "2026-03-11")
        }
    }
}
