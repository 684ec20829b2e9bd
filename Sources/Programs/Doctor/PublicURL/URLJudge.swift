import HTTPClient

/// Says whether Notion's deliveries reach the edge by the public URL.
struct URLJudge {
    private static let day: Int64 = 86_400_000

    let facts: URLFacts
    let settings: DoctorSettings
    let now: Int64
    private(set) var found: [Finding] = []

    static func findings(_ facts: URLFacts, _ settings: DoctorSettings, now: Int64) -> [Finding] {
        var judge = URLJudge(facts: facts, settings: settings, now: now)
        judge.reach()
        judge.certificate()
        switch facts.answer {
        case .failed(let error): judge.failed(error)
        case .answered(let answer): judge.answered(answer)
        }
        return judge.found
    }

    private init(facts: URLFacts, settings: DoctorSettings, now: Int64) {
        self.facts = facts
        self.settings = settings
        self.now = now
    }

    mutating func add(
        _ check: String,
        _ level: Finding.Level,
        _ title: String,
        meaning: String = "",
        advice: String = "",
        link: GuideLink? = nil
    ) {
        let subject = facts.url.shown
        found.append(Finding(.url, check, level, subject, title, meaning: meaning, advice: advice, link: link))
    }

    private mutating func reach() {
        if facts.url.scheme != "https" {
            add(
                "url_not_https",
                .error,
                "is not https",
                meaning: "Notion takes secure, public addresses only.",
                advice: "Put a certificate in front of the edge: a load balancer, or --tls-certificate-file.",
                link: .create
            )
        }
        switch HostReach(facts.url.host) {
        case .notPublic(let why):
            add(
                "url_not_public",
                .error,
                "\(facts.url.host) \(why)",
                meaning: "Notion cannot reach it; localhost and private networks are out of its reach.",
                advice: "Give the subscription a public host name that leads here.",
                link: .create
            )
        case .publicAddress:
            add(
                "url_is_address",
                .warning,
                "\(facts.url.host) is an address, not a name",
                meaning: "A certificate has to name the address itself, which few authorities do.",
                advice: "Give the subscription a host name.",
                link: .create
            )
        case .name:
            guard !facts.remoteAddress.isEmpty, case .notPublic(let why) = HostReach(facts.remoteAddress) else {
                return
            }
            add(
                "url_resolves_inside",
                .warning,
                "from here the name leads to \(facts.remoteAddress), which \(why)",
                meaning: "Notion asks other name servers than this machine; this check may have seen another way in.",
                advice: "Run doctor from outside, or compare with a public resolver: dig @1.1.1.1 \(facts.url.host)."
            )
        }
    }

    private mutating func certificate() {
        guard let ends = facts.certificateEnds, ends - now < 14 * Self.day, ends > now else { return }
        add(
            "url_certificate_ends",
            .warning,
            "its certificate ends \(Words.time(ends, now: now))",
            meaning: "From then on Notion cannot deliver.",
            advice: "Renew it now, and find out why the automatic renewal did not."
        )
    }

    // MARK: No answer

    private mutating func failed(_ error: ClientError) {
        let meaning = "Notion's deliveries do not arrive; it tries for about a day, and may pause the subscription."
        switch error {
        case .couldNotConnect(let message) where message.contains("resolve"):
            add(
                "url_name_unknown",
                .error,
                "the name is not known: \(message)",
                meaning: meaning,
                advice: "Correct the URL in Notion's Webhooks tab, or the DNS record.",
                link: .create
            )
        case .couldNotConnect(let message):
            add(
                "url_refused",
                .error,
                "nothing listens there: \(message)",
                meaning: meaning,
                advice: "Start the edge or its load balancer; check port and firewall.",
                link: .create
            )
        case .timedOut:
            add(
                "url_silent",
                .error,
                "no answer within \(settings.timeout)",
                meaning: meaning,
                advice: "Check firewalls on the way, and whether the load balancer has an edge behind it.",
                link: .delivery
            )
        case .tls(let message): tls(message, meaning)
        default:
            add(
                "url_no_answer",
                .error,
                "no answer: \(error)",
                meaning: meaning,
                advice: "Check what listens there; it takes the connection and speaks no HTTP/1.1.",
                link: .delivery
            )
        }
    }

    private mutating func tls(_ message: String, _ meaning: String) {
        let cases: [(parts: [String], check: String, title: String, advice: String)] = [
            (
                ["has expired"], "url_certificate_expired", "its certificate has expired",
                "Renew the certificate, and find out why the automatic renewal did not."
            ),
            (
                ["not yet valid"], "url_certificate_not_yet_valid", "its certificate is not valid yet",
                "Check the clocks of this machine and of the one that made it."
            ),
            (
                ["subject name", "does not match", "no alternative certificate"], "url_certificate_other_host",
                "its certificate is for another host", "Get a certificate that names \(facts.url.host)."
            ),
            (
                ["issuer", "self-signed", "self signed", "unable to verify"], "url_certificate_untrusted",
                "its certificate is of no authority that is known",
                "Use a public authority, and let the server send the intermediate certificates too. For an authority "
                    + "of your own test with --ca-file; Notion does not know it."
            ),
        ]
        let known = cases.first { known in known.parts.contains { message.contains($0) } }
        add(
            known?.check ?? "url_tls",
            .error,
            known.map { "\($0.title) (\(message))" } ?? "TLS fails: \(message)",
            meaning: meaning,
            advice: known?.advice ?? "Check that this port speaks TLS 1.2 or newer.",
            link: .create
        )
    }
}
