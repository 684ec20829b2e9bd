import HTTPClient
import SubscriptionAdministration
import Subscriptions

/// Says what the API's answers tell of the connection.
struct APIJudge {
    let facts: APIFacts
    let subject: String
    let traffic: TrafficFacts?
    private var found: [Finding] = []

    static func findings(_ facts: APIFacts, at subject: String, traffic: TrafficFacts?) -> [Finding] {
        var judge = APIJudge(facts: facts, subject: subject, traffic: traffic)
        guard judge.token() else { return judge.found }
        judge.workspace()
        judge.access()
        judge.comments()
        return judge.found
    }

    private init(facts: APIFacts, subject: String, traffic: TrafficFacts?) {
        self.facts = facts
        self.subject = subject
        self.traffic = traffic
    }

    private mutating func add(
        _ check: String,
        _ level: Finding.Level,
        _ title: String,
        subject: String? = nil,
        meaning: String = "",
        advice: String = "",
        link: GuideLink? = nil
    ) {
        let subject = subject ?? self.subject
        found.append(Finding(.api, check, level, subject, title, meaning: meaning, advice: advice, link: link))
    }

    /// Whether it is worth going on.
    private mutating func token() -> Bool {
        switch facts.me {
        case .status(200, _):
            let bot = facts.botID.isEmpty ? "" : ": bot \(facts.botID), workspace \(facts.workspaceID)"
            add("api_token", .ok, "the token works\(bot)")
            return true
        case .status(401, _):
            add(
                "api_token_refused",
                .error,
                "the token is refused (401)",
                meaning: "It was replaced or revoked, or the connection was removed from the workspace; then its "
                    + "webhooks have ended too.",
                advice: "Look at the connection in Notion's settings, and copy its token again.",
                link: .statusCodes
            )
        case .status(403, let code):
            add(
                "api_forbidden",
                .error,
                "the API forbids the question (403\(code.map { ", \($0)" } ?? ""))",
                meaning: "The connection is restricted in the workspace, or something between here and Notion refuses.",
                advice: "Look at the connection in Notion's settings; ask an administrator of the workspace.",
                link: .capabilities
            )
        case .status(let status, _) where status == 429 || status == 529:
            add(
                "api_rate_limited",
                .warning,
                "the API has no room now (\(status))",
                meaning: "Another program uses up the requests of this connection; webhooks are not limited by that.",
                advice: "Run doctor again in a minute.",
                link: .limits
            )
        case .status(let status, _):
            add(
                "api_unusual",
                .warning,
                "the API answers \(status)",
                meaning: "What was to be asked there is not known.",
                advice: "Run doctor again; check --api-url.",
                link: .statusCodes
            )
        case .failed(let error):
            add(
                "api_unreachable",
                .warning,
                "the API is not reachable from here: \(error)",
                meaning: "Webhooks come the other way and may work nevertheless.",
                advice: "Check this machine's way to the Internet."
            )
        }
        return false
    }

    private mutating func workspace() {
        let seen = Set((traffic?.report.subscriptions ?? []).filter { $0.events > 0 }.map(\.workspaceID))
            .subtracting([""])
        guard !facts.workspaceID.isEmpty, !seen.isEmpty, !seen.contains(facts.workspaceID) else { return }
        add(
            "api_other_workspace",
            .error,
            "the token is of workspace \(facts.workspaceID), the events are of "
                + seen.sorted().prefix(4).joined(separator: ", "),
            meaning: "This token belongs to another connection than the one whose webhooks come here.",
            advice: "Take the token of the connection in whose Webhooks tab the subscription is."
        )
    }

    private mutating func access() {
        let missing = facts.entities.filter { $0.answer == .status(404, code: "object_not_found") }
        guard let first = missing.first else {
            if facts.hasAccess { add("api_access", .ok, "what the newest events are about can be read") }
            return
        }
        let names = missing.map { "\($0.entity.kind) \($0.entity.id)" }.joined(separator: ", ")
        add(
            "api_no_access",
            missing.count == facts.entities.count ? .error : .warning,
            "not found: \(names)",
            subject: first.entity.id,
            meaning: "The connection has no access to it (any more), or it was deleted for good. What a connection has "
                + "no access to sends no events.",
            advice: "Add the connection to the page or to one above it: its menu, Connections.",
            link: .troubleshooting
        )
    }

    private mutating func comments() {
        switch facts.commentsAllowed {
        case true?: add("api_comments", .ok, "comments can be read")
        case false?:
            let came = traffic?.count("comment.") ?? 0
            add(
                "comments_capability",
                came == 0 ? .error : .warning,
                "the capability \"read comments\" is missing",
                meaning: came == 0
                    ? "Without it Notion sends no comment events and says nothing; none came."
                    : "\(Words.count(came, "comment event")) came earlier; without it no more will.",
                advice: "Tick \"read comments\" in the Capabilities section of the connection.",
                link: .capabilities
            )
        case nil: break
        }
    }
}
