import HTTPClient

struct URLCheck {
    private static let day: Int64 = 86_400_000

    private let facts: URLFacts
    private let settings: DoctorSettings
    private let now: Int64
    private var found: Findings

    static func findings(_ facts: URLFacts, _ settings: DoctorSettings, now: Int64) -> [Finding] {
        let found = Findings(.url, texts, about: facts.url.shown)
        var check = URLCheck(facts: facts, settings: settings, now: now, found: found)
        check.host()
        check.certificate()
        switch facts.answer {
        case .failed(let error): check.failed(error)
        case .answered(let answer): check.answered(answer)
        }
        return check.found.all
    }

    private mutating func host() {
        if facts.url.scheme != "https" { found.add("url_not_https") }
        let host = facts.url.host
        switch HostReach(host) {
        case .notPublic(let why): found.add("url_not_public", ["host": host, "why": why])
        case .publicAddress: found.add("url_is_address", ["host": host])
        case .name:
            guard !facts.remoteAddress.isEmpty, case .notPublic(let why) = HostReach(facts.remoteAddress) else {
                return
            }
            found.add("url_resolves_inside", ["host": host, "address": facts.remoteAddress, "why": why])
        }
    }

    private mutating func certificate() {
        guard let ends = facts.certificateEnds, ends - now < 14 * Self.day, ends > now else { return }
        found.add("url_certificate_ends", ["time": Words.time(ends, now: now)])
    }

    private mutating func failed(_ error: ClientError) {
        var (row, reason) = ("url_no_answer", "\(error)")
        switch error {
        case .couldNotConnect(let message):
            (row, reason) = (message.contains("resolve") ? "url_name_unknown" : "url_refused", message)
        case .timedOut: (row, reason) = ("url_silent", "\(settings.timeout)")
        case .tls(let message): (row, reason) = (Self.certificateProblem(message) ?? "url_tls", message)
        default: break
        }
        let effect = "Notion's deliveries do not arrive; it retries for about a day, and may pause the subscription."
        found.add(row, ["reason": reason, "effect": effect, "host": facts.url.host])
    }

    private static func certificateProblem(_ message: String) -> String? {
        let problems = [
            ("url_certificate_expired", ["has expired"]), ("url_certificate_not_yet_valid", ["not yet valid"]),
            ("url_certificate_other_host", ["subject name", "does not match", "no alternative certificate"]),
            ("url_certificate_untrusted", ["issuer", "self-signed", "self signed", "unable to verify"]),
        ]
        return problems.first { _, parts in parts.contains { message.contains($0) } }?.0
    }

    private mutating func answered(_ answer: ProbeAnswer.Answer) {
        let row =
            switch (answer.status, answer.outcome) {
            case (401, "bad_signature"?): "url_leads_to_edge"
            // Also where signatures are optional, an edge that saw the wrong one would have refused it.
            case (401, "unsigned"?), (200, _?): "url_signature_stripped"
            case (404, "not_found"?): "url_wrong_path"
            case (405, _): "url_method_refused"
            case (503, "broker_unavailable"?): "url_edge_unavailable/broker"
            case (503, _?): "url_edge_unavailable"
            case (400..., _?): "url_edge_refuses"
            case (200..<300, _): answer.isHTML ? "url_login_page" : "url_accepts_unverified"
            case (300..<400, _): "url_redirects"
            case (404, _): "url_not_found"
            case (500..., _): "url_server_error"
            default: answer.isHTML ? "url_login_page" : "url_foreign_answer"
            }
        found.add(
            row,
            [
                "status": answer.status, "outcome": answer.outcome ?? "", "path": facts.url.path,
                "server": answer.server.map { " (Server: \($0))" } ?? "", "expected": settings.path,
                "target": answer.location.map { " to \($0)" } ?? "",
            ]
        )
    }

    static let texts = CheckTexts(
        """
        url_not_https error create
          is not https
          Notion accepts secure, public addresses only.
          Put a certificate in front of the edge: a load balancer, or --tls-certificate-file.
        url_not_public error create
          {host} {why}
          Notion cannot reach localhost or private networks.
          Give the subscription a public host name that leads here.
        url_is_address warning create
          {host} is an address, not a name
          A certificate has to name the address itself, and few authorities issue such certificates.
          Give the subscription a host name.
        url_resolves_inside warning
          from here the name resolves to {address}, which {why}
          Notion uses other name servers than this machine, so this check may have taken another way than deliveries do.
          Run doctor from outside, or compare with a public resolver: dig @1.1.1.1 {host}.
        url_certificate_ends warning
          its certificate ends {time}
          From then on Notion cannot deliver.
          Renew it now, and find out why the automatic renewal did not.
        url_name_unknown error create
          the name cannot be resolved: {reason}
          {effect}
          Correct the URL in Notion's Webhooks tab, or the DNS record.
        url_refused error create
          nothing listens there: {reason}
          {effect}
          Start the edge or its load balancer; check port and firewall.
        url_silent error delivery
          no answer within {reason}
          {effect}
          Check the firewalls between here and there, and whether the load balancer has an edge behind it.
        url_no_answer error delivery
          no answer: {reason}
          {effect}
          Check what listens there; it accepts the connection and does not answer in HTTP/1.1.
        url_tls error create
          TLS fails: {reason}
          {effect}
          Check that this port serves TLS 1.2 or newer.
        url_certificate_expired error create
          its certificate has expired ({reason})
          {effect}
          Renew the certificate, and find out why the automatic renewal did not.
        url_certificate_not_yet_valid error create
          its certificate is not valid yet ({reason})
          {effect}
          Check the clocks of this machine and of the one that issued it.
        url_certificate_other_host error create
          its certificate is for another host ({reason})
          {effect}
          Get a certificate that names {host}.
        url_certificate_untrusted error create
          its certificate is of an unknown authority ({reason})
          {effect}
          Use a public authority, and have the server send the intermediate certificates too. For an authority of \
        your own test with --ca-file; Notion does not know it.
        url_leads_to_edge ok
          leads to the edge, and X-Notion-Signature arrives
        url_signature_stripped error signature
          a proxy in front removes X-Notion-Signature
          Each delivery arrives without its signature: it is answered 401, or accepted unverified.
          Let the proxy, gateway or firewall forward all headers unchanged, and the body too.
        url_wrong_path error create
          the edge answers 404: it serves another path
          The address leads to notion-relay, and deliveries are refused there.
          With these settings the path is {expected}, or {expected}/NAME for a token that has a name: correct the URL \
        in Notion, or --path.
        url_method_refused error delivery
          POST is answered 405{server}
          Something in front of the edge refuses POST, or serves files there.
          Allow POST on this path.
        url_edge_unavailable error delivery
          the edge answers 503: {outcome}
          The URL leads to it, but it cannot publish events now; Notion retries for about a day.
          See /readyz and the log of that edge.
        url_edge_unavailable/broker error delivery
          the edge answers 503: {outcome}
          The URL leads to it, but it cannot publish events now; Notion retries for about a day.
          First fix the findings of kafka and topics.
        url_edge_refuses error
          the edge answers {status} ({outcome}) to a small delivery
          The expected answer is 401 bad_signature; deliveries of Notion may be refused the same way.
          Look at the edge's log for {outcome}.
        url_accepts_unverified error signature
          a request with a wrong signature is answered {status}{server}
          This is not an edge, which would refuse it: what Notion sends is lost there, and does not get to Kafka.
          Point the URL, or the route in front, at notion-relay.
        url_login_page error create
          answers {status} with a web page{server}
          A login, a firewall's challenge or a default page is in front: Notion's deliveries end there.
          Allow POST on this path without login or challenge; the signature is the protection.
        url_redirects error create
          redirects{target} with {status}{server}
          Notion does not promise to follow redirects, and a redirect often turns a POST into a GET.
          Give the subscription the address where the redirect ends (https, www, slash at the end).
        url_not_found error create
          answers 404, and not by notion-relay{server}
          A load balancer or web server has no route from this host and path to the edge.
          Add the route for {path}, or correct the URL in Notion.
        url_server_error error delivery
          answers {status}, and not by notion-relay{server}
          A load balancer or web server cannot reach the edge.
          Check that edges run and pass the load balancer's health check (/readyz).
        url_foreign_answer error create
          answers {status}, and not as notion-relay does{server}
          Something else is at this address, or is in front and refuses requests.
          Point the URL at the edge; allow POST without login.
        """
    )
}
