/// What an answer to a wrong signature tells of who gave it.
extension URLJudge {
    mutating func answered(_ answer: ProbeAnswer.Answer) {
        let who = answer.server.map { " (Server: \($0))" } ?? ""
        switch (answer.status, answer.outcome) {
        case (401, "bad_signature"?):
            add("url_leads_to_edge", .ok, "leads to the edge, and X-Notion-Signature arrives")
        case (401, "unsigned"?), (200, _?): stripped()
        case (404, "not_found"?):
            add(
                "url_wrong_path",
                .error,
                "the edge answers 404: its path is another",
                meaning: "The address leads to notion-relay, and deliveries are refused there.",
                advice:
                    "With these settings the path is \(settings.path), or \(settings.path)/NAME for a token that has a "
                    + "name: correct the URL in Notion, or --path.",
                link: .create
            )
        case (405, _): methodRefused(who)
        case (503, let outcome?): unavailable(outcome)
        case (_, let outcome?) where answer.status >= 400:
            add(
                "url_edge_refuses",
                .error,
                "the edge answers \(answer.status) (\(outcome)) to a small delivery",
                meaning: "It should say 401 bad_signature; deliveries of Notion may be refused the same way.",
                advice: "Look at the edge's log for \(outcome)."
            )
        case (200..<300, _): accepted(answer, who)
        case (300..<400, _): redirected(answer, who)
        case (404, _): foreignNotFound(who)
        case (500..., _): serverError(answer, who)
        default: foreign(answer, who)
        }
    }

    /// Also where signatures are optional, an edge that saw the wrong one would have refused it.
    private mutating func stripped() {
        add(
            "url_signature_stripped",
            .error,
            "a proxy on the way takes X-Notion-Signature out",
            meaning: "Each delivery arrives without its signature: it is answered 401, or passes unverified.",
            advice: "Let the proxy, gateway or firewall pass all headers on unchanged, and the body too.",
            link: .signature
        )
    }

    private mutating func unavailable(_ outcome: String) {
        add(
            "url_edge_unavailable",
            .error,
            "the edge answers 503: \(outcome)",
            meaning: "It is reached and cannot keep events now; Notion sends again for about a day.",
            advice: outcome == "broker_unavailable"
                ? "Mend Kafka first: see the areas kafka and topics." : "See /readyz and the log of that edge.",
            link: .delivery
        )
    }

    private mutating func methodRefused(_ who: String) {
        add(
            "url_method_refused",
            .error,
            "POST is answered 405\(who)",
            meaning: "Something in front of the edge lets no POST through, or serves files there.",
            advice: "Let POST pass on this path.",
            link: .delivery
        )
    }

    private mutating func accepted(_ answer: ProbeAnswer.Answer, _ who: String) {
        if answer.isHTML { return loginPage(answer, who) }
        add(
            "url_accepts_unverified",
            .error,
            "a request with a wrong signature is answered \(answer.status)\(who)",
            meaning: "This is not an edge, which verifies: what Notion sends is swallowed there, and is not in Kafka.",
            advice: "Point the URL, or the route in front, at notion-relay.",
            link: .signature
        )
    }

    private mutating func loginPage(_ answer: ProbeAnswer.Answer, _ who: String) {
        add(
            "url_login_page",
            .error,
            "answers \(answer.status) with a web page\(who)",
            meaning: "A login, a firewall's challenge or a default page stands in front: Notion's deliveries end "
                + "there.",
            advice: "Let POST on this path pass without login or challenge; the signature is the protection.",
            link: .create
        )
    }

    private mutating func redirected(_ answer: ProbeAnswer.Answer, _ who: String) {
        add(
            "url_redirects",
            .error,
            "redirects\(answer.location.map { " to \($0)" } ?? "") with \(answer.status)\(who)",
            meaning: "Nothing says that Notion follows redirects, and a POST often becomes a GET by one.",
            advice: "Give the subscription the address where the redirect ends (https, www, slash at the end).",
            link: .create
        )
    }

    private mutating func foreignNotFound(_ who: String) {
        add(
            "url_not_found",
            .error,
            "answers 404, and not by notion-relay\(who)",
            meaning: "A load balancer or web server has no route from this host and path to the edge.",
            advice: "Add the route for \(facts.url.path), or correct the URL in Notion.",
            link: .create
        )
    }

    private mutating func serverError(_ answer: ProbeAnswer.Answer, _ who: String) {
        add(
            "url_server_error",
            .error,
            "answers \(answer.status), and not by notion-relay\(who)",
            meaning: "A load balancer or web server does not get through to the edge.",
            advice: "Check that edges run and pass the load balancer's health check (/readyz).",
            link: .delivery
        )
    }

    private mutating func foreign(_ answer: ProbeAnswer.Answer, _ who: String) {
        if answer.isHTML { return loginPage(answer, who) }
        add(
            "url_foreign_answer",
            .error,
            "answers \(answer.status), and not as notion-relay does\(who)",
            meaning: "Something else is at this address, or stands in front and refuses requests.",
            advice: "Point the URL at the edge; let POST pass without login.",
            link: .create
        )
    }
}
