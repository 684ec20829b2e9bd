import Subscriptions

/// Lists what only a person can see, in Notion, with the evidence that there is.
enum NotionJudge {
    static func findings(_ evidence: Evidence, _ settings: DoctorSettings) -> [Finding] {
        var found = [status(evidence), types(evidence)]
        if !(evidence.api?.hasAccess ?? false) { found.append(access(evidence)) }
        if evidence.api?.commentsAllowed == nil { found.append(capabilities(evidence)) }
        return found
    }

    private static func finding(
        _ check: String,
        _ title: String,
        _ meaning: String,
        _ advice: String,
        _ link: GuideLink
    ) -> Finding {
        Finding(.notion, check, .unknown, "", title, meaning: meaning, advice: advice, link: link)
    }

    private static func status(_ evidence: Evidence) -> Finding {
        let said: String
        if let last = evidence.traffic?.facts?.lastAt {
            said = "the last event came \(Words.time(last, now: evidence.now)), so it was active then"
        } else if evidence.traffic?.facts == nil {
            said = "the topic could not be read, so there is no evidence"
        } else if evidence.hasPendingHandshake {
            said = "a handshake came and no event: it is probably pending verification"
        } else if evidence.snapshot.snapshot?.subscriptions.isEmpty == false {
            said = "a token is active here and no event came: it may be pending verification, paused or deleted"
        } else {
            said = "no event came and no handshake is known: it may never have been made for this URL"
        }
        return finding(
            "notion_subscription_status",
            "is the subscription active?",
            "Active, paused, pending verification or deleted: only an active one delivers. Evidence: \(said).",
            "Look at its status in the Webhooks tab of the connection's settings.",
            .troubleshooting
        )
    }

    private static func types(_ evidence: Evidence) -> Finding {
        let seen = (evidence.traffic?.facts?.byType ?? [:]).keys.sorted()
        let list =
            evidence.traffic?.facts == nil
            ? "none; the topic was not read"
            : seen.isEmpty ? "none came" : "these came: \(seen.prefix(40).joined(separator: ", "))"
        return finding(
            "notion_event_types",
            "are the event types ticked that are missed?",
            "Only ticked types are sent, and types that Notion adds are not ticked by themselves. Evidence: \(list).",
            "Compare with the subscription's event types in the Webhooks tab.",
            .delivery
        )
    }

    private static func access(_ evidence: Evidence) -> Finding {
        finding(
            "notion_access",
            "has the connection access to the page that is missed?",
            "Without access to a page, or to one above it, nothing is sent about it. Evidence: "
                + (evidence.api == nil ? "none; the API was not asked." : "the API did not confirm any access."),
            "Look at the page's menu, Connections; or let doctor ask with --api-token-file.",
            .troubleshooting
        )
    }

    private static func capabilities(_ evidence: Evidence) -> Finding {
        let facts = evidence.traffic?.facts
        let said: String
        if let facts, facts.count("comment.") > 0 {
            said = "comment events came, so \"read comments\" was there"
        } else if let facts, facts.count("page.") > 0 {
            said = "page events came and none of comments, so \"read comments\" may be missing"
        } else {
            said = "none"
        }
        return finding(
            "notion_capabilities",
            "has the connection the capabilities that the types need?",
            "comment.* needs \"read comments\", the others \"read content\". Evidence: \(said).",
            "Look at the Capabilities section of the connection's settings.",
            .capabilities
        )
    }
}
