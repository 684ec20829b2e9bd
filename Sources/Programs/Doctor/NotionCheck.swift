import Subscriptions

enum NotionCheck {
    static func findings(_ evidence: Evidence, _ settings: DoctorSettings) -> [Finding] {
        var found = Findings(.notion, texts)
        found.add("notion_subscription_status", ["evidence": status(evidence)])
        found.add("notion_event_types", ["evidence": types(evidence)])
        if !(evidence.api?.hasAccess ?? false) {
            let access = evidence.api == nil ? "none; the API was not asked" : "the API did not confirm any access"
            found.add("notion_access", ["evidence": access])
        }
        if evidence.api?.commentsAllowed == nil {
            found.add("notion_capabilities", ["evidence": capabilities(evidence)])
        }
        return found.all
    }

    private static func status(_ evidence: Evidence) -> String {
        if let last = evidence.traffic?.facts?.lastAt {
            "the last event came \(Words.time(last, now: evidence.now)), so it was active then"
        } else if evidence.traffic?.facts == nil {
            "the topic could not be read, so there is no evidence"
        } else if evidence.hasPendingHandshake {
            "a handshake came and no event: it is probably pending verification"
        } else if evidence.snapshot.snapshot?.subscriptions.isEmpty == false {
            "a token is active here and no event came: it may be pending verification, paused or deleted"
        } else {
            "no event came and no handshake is known: it may never have been created for this URL"
        }
    }

    private static func types(_ evidence: Evidence) -> String {
        guard let facts = evidence.traffic?.facts else { return "none; the topic was not read" }
        let seen = facts.byType.keys.sorted()
        return seen.isEmpty ? "none came" : "these came: \(seen.prefix(40).joined(separator: ", "))"
    }

    private static func capabilities(_ evidence: Evidence) -> String {
        guard let facts = evidence.traffic?.facts, facts.count("comment.") + facts.count("page.") > 0 else {
            return "none"
        }
        return facts.count("comment.") > 0
            ? "comment events came, so it had \"read comments\""
            : "page events came and no comment events, so \"read comments\" may be missing"
    }

    static let texts = CheckTexts(
        """
        notion_subscription_status unknown troubleshooting
          is the subscription active?
          Active, paused, pending verification or deleted: only an active one delivers. Evidence: {evidence}.
          Look at its status in the Webhooks tab of the connection's settings.
        notion_event_types unknown delivery
          is the subscription set to the missing event types?
          Only the types that are ticked are sent, and types that Notion adds later are not ticked by default. \
        Evidence: {evidence}.
          Compare with the subscription's event types in the Webhooks tab.
        notion_access unknown troubleshooting
          does the connection have access to the page whose events are missing?
          Without access to a page, or to one above it, no events about it are sent. Evidence: {evidence}.
          Look at the page's menu, Connections; or let doctor ask with --api-token-file.
        notion_capabilities unknown capabilities
          does the connection have the capabilities that the event types need?
          comment.* needs "read comments", the others "read content". Evidence: {evidence}.
          Look at the Capabilities section of the connection's settings.
        """
    )
}
