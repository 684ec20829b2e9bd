/// Says what the edge on this machine complains of.
struct EdgeJudge {
    // Limit: fewer refusals than these come from scanners, and from doctor itself.
    private static let refusalsMin = 10

    let subject: String
    private var found: [Finding] = []

    static func findings(_ facts: EdgeFacts, at subject: String) -> [Finding] {
        var judge = EdgeJudge(subject: subject)
        switch facts {
        case .notGiven: judge.notAsked("--operations names no port that could be asked")
        case .silent(let reason): judge.notAsked("no edge answers on this machine: \(reason)")
        case .foreign(let status): judge.notAsked("something else answers there, with \(status)")
        case .answered(let answer):
            judge.readiness(answer)
            if let deliveries = answer.deliveries { judge.refusals(deliveries) }
        }
        return judge.found
    }

    private init(subject: String) {
        self.subject = subject
    }

    private mutating func add(
        _ check: String,
        _ level: Finding.Level,
        _ title: String,
        meaning: String = "",
        advice: String = "",
        link: GuideLink? = nil
    ) {
        found.append(Finding(.edge, check, level, subject, title, meaning: meaning, advice: advice, link: link))
    }

    private mutating func notAsked(_ reason: String) {
        add(
            "edge_not_asked",
            .unknown,
            reason,
            meaning: "Readiness and refusals of the replicas are not known from here.",
            advice: "Name an edge's operations port with --operations, or run doctor beside one."
        )
    }

    private mutating func readiness(_ answer: EdgeFacts.Answer) {
        guard !answer.isReady else { return add("edge_ready", .ok, "is ready") }
        add(
            "edge_not_ready",
            .error,
            "is not ready: \(answer.reasons.joined(separator: "; "))",
            meaning: "A load balancer sends it nothing, and what arrives nevertheless is answered 503.",
            advice: "Do what the reasons say; restarting the edge does not help Kafka."
        )
    }

    private mutating func refusals(_ deliveries: [String: Int]) {
        let published = deliveries["published"] ?? 0
        let wrong = deliveries["bad_signature"] ?? 0
        let unsigned = deliveries["unsigned"] ?? 0
        let counts = "\(wrong) with a wrong signature and \(unsigned) without one, \(published) published"
        guard wrong + unsigned >= Self.refusalsMin else {
            return add("deliveries_verify", .ok, "\(published) published, \(wrong + unsigned) refused")
        }
        if wrong >= Self.refusalsMin, wrong > published {
            add(
                "deliveries_not_verified",
                .error,
                "deliveries arrive and do not verify: \(counts)",
                meaning: "The token is not the one that the subscription signs with, or a proxy changes the body: it "
                    + "formats JSON anew, changes its encoding, or unpacks it.",
                advice: "Compare fingerprints: activate the token of this subscription (Resend token in the Webhooks "
                    + "tab sends it again), and let proxies pass the body on byte by byte.",
                link: .signature
            )
        } else if unsigned >= Self.refusalsMin, unsigned > published {
            add(
                "deliveries_unsigned",
                .error,
                "requests arrive without a signature: \(counts)",
                meaning: "A proxy takes X-Notion-Signature out, or all that arrives is from strangers. Webhook actions "
                    + "of buttons and automations have no signature either: they are not events.",
                advice: "Let proxies pass all headers on; doctor --url tells whether they do.",
                link: .signature
            )
        } else if (wrong + unsigned) * 20 > published {
            add(
                "deliveries_partly_refused",
                .warning,
                "some deliveries do not verify: \(counts)",
                meaning:
                    "One of several subscriptions may sign with a token that is not active here, or strangers try.",
                advice: "Look at the edge's log for delivery_refused: clients in Notion's networks mean a token.",
                link: .signature
            )
        } else {
            add("deliveries_verify", .ok, "\(published) published, \(wrong + unsigned) refused")
        }
    }
}
