import FoundationEssentials
import HTTPClient
import SubscriptionAdministration

struct APIFacts: Sendable, Equatable {
    enum Answer: Sendable, Equatable {
        case failed(ClientError)
        /// The error's `code`, such as `object_not_found`; nil with 200 and where the answer has none.
        case status(Int, code: String?)
    }

    struct Entity: Sendable, Equatable {
        let entity: RecentEvents.Entity
        let answer: Answer
    }

    let me: Answer
    var botID = ""
    var workspaceID = ""
    var entities: [Entity] = []
    var comments: Answer?

    var commentsAllowed: Bool? {
        switch comments {
        case .status(200, _)?: true
        case .status(403, _)?: false
        default: nil
        }
    }

    var hasAccess: Bool { entities.contains { $0.answer == .status(200, code: nil) } }
}

/// Asks Notion's API a few questions; none of them changes anything.
struct APIReader {
    let settings: DoctorSettings
    let token: APIToken
    let now: @Sendable () -> Int64

    private static let version = "2026-03-11"
    // Limit: a page with all its properties; a longer one counts as found.
    private static let bodyBytesMax = 1 << 20

    func read(_ recent: RecentEvents?) async -> (facts: APIFacts, clock: ClockSample?) {
        let client: Client
        do throws(ClientError) {
            client = try Client(ClientSettings(connectTimeout: settings.timeout))
        } catch {
            return (APIFacts(me: .failed(error)), nil)
        }
        defer { client.close() }
        let before = now()
        let response: ClientResponse
        do throws(ClientError) {
            response = try await get("/v1/users/me", client)
        } catch {
            return (APIFacts(me: .failed(error)), nil)
        }
        let after = now()
        let host = PublicURL(settings.apiURL)?.host ?? "the API"
        let clock = ClockSample(response, source: host, ours: (before + after) / 2)
        var facts = APIFacts(me: Self.answer(response))
        guard response.status == 200 else { return (facts, clock) }
        let me = response.document(Me.self)
        facts.botID = Self.shown(me?.id)
        facts.workspaceID = Self.shown(me?.bot?.workspaceID)
        await ask(&facts, recent, client)
        return (facts, clock)
    }

    private func ask(_ facts: inout APIFacts, _ recent: RecentEvents?, _ client: Client) async {
        let paths = ["page": "pages", "database": "databases", "data_source": "data_sources"]
        for entity in recent?.entities ?? [] {
            guard let path = paths[entity.kind] else { continue }
            facts.entities.append(
                APIFacts.Entity(entity: entity, answer: await status("/v1/\(path)/\(entity.id)", client))
            )
        }
        guard let page = recent?.page else { return }
        facts.comments = await status("/v1/comments?block_id=\(page.id)&page_size=1", client)
    }

    private func status(_ path: String, _ client: Client) async -> APIFacts.Answer {
        do throws(ClientError) {
            return Self.answer(try await get(path, client))
        } catch {
            return .failed(error)
        }
    }

    private func get(_ path: String, _ client: Client) async throws(ClientError) -> ClientResponse {
        let headers = [
            ("Authorization", "Bearer \(token.text)"), ("Notion-Version", Self.version),
            ("User-Agent", "notion-relay-doctor"),
        ]
        return try await client.send(
            ClientRequest(
                url: settings.apiURL + path,
                headers: headers.map { (name: $0.0, value: $0.1) },
                timeout: settings.timeout,
                responseBodyBytesMax: Self.bodyBytesMax
            )
        )
    }

    private struct Me: Decodable {
        struct Bot: Decodable {
            let workspaceID: String?

            enum CodingKeys: String, CodingKey {
                case workspaceID = "workspace_id"
            }
        }

        let id: String?
        let bot: Bot?
    }

    private struct Failure: Decodable {
        let code: String?
    }

    private static func answer(_ response: ClientResponse) -> APIFacts.Answer {
        guard response.status != 200 else { return .status(200, code: nil) }
        return .status(response.status, code: response.document(Failure.self)?.code.map { String($0.prefix(64)) })
    }

    private static func shown(_ id: String?) -> String { String((id ?? "").prefix(64)) }
}

struct APICheck {
    private let facts: APIFacts
    private let traffic: TrafficFacts?
    private var found: Findings

    static func findings(_ facts: APIFacts, at subject: String, traffic: TrafficFacts?) -> [Finding] {
        var check = APICheck(facts: facts, traffic: traffic, found: Findings(.api, texts, about: subject))
        // Without a working token the other answers mean nothing.
        guard check.token() else { return check.found.all }
        check.workspace()
        check.access()
        check.comments()
        return check.found.all
    }

    private mutating func token() -> Bool {
        switch facts.me {
        case .status(200, _):
            let bot = facts.botID.isEmpty ? "" : ": bot \(facts.botID), workspace \(facts.workspaceID)"
            found.add("api_token", ["bot": bot])
            return true
        case .status(401, _): found.add("api_token_refused")
        case .status(403, let code): found.add("api_forbidden", ["code": code.map { ", \($0)" } ?? ""])
        case .status(let status, _):
            found.add([429, 529].contains(status) ? "api_rate_limited" : "api_unusual", ["status": status])
        case .failed(let error): found.add("api_unreachable", ["reason": "\(error)"])
        }
        return false
    }

    private mutating func workspace() {
        let subscriptions = (traffic?.report.subscriptions ?? []).filter { $0.events > 0 }
        let seen = Set(subscriptions.map(\.workspaceID)).subtracting([""])
        guard !facts.workspaceID.isEmpty, !seen.isEmpty, !seen.contains(facts.workspaceID) else { return }
        let list = seen.sorted().prefix(4).joined(separator: ", ")
        found.add("api_other_workspace", ["workspace": facts.workspaceID, "seen": list])
    }

    private mutating func access() {
        let missing = facts.entities.filter { $0.answer == .status(404, code: "object_not_found") }
        guard let first = missing.first else {
            if facts.hasAccess { found.add("api_access") }
            return
        }
        let names = missing.map { "\($0.entity.kind) \($0.entity.id)" }.joined(separator: ", ")
        let level: Finding.Level = missing.count == facts.entities.count ? .error : .warning
        found.add("api_no_access", level: level, about: first.entity.id, ["names": names])
    }

    private mutating func comments() {
        guard let isAllowed = facts.commentsAllowed else { return }
        guard !isAllowed else { return found.add("api_comments") }
        let came = traffic?.count("comment.") ?? 0
        let row = came == 0 ? "comments_capability/none" : "comments_capability/some"
        found.add(row, ["events": Words.count(came, "comment event")])
    }

    static let texts = CheckTexts(
        """
        api_token ok
          the token works{bot}
        api_token_refused error statusCodes
          the token is refused (401)
          It was replaced or revoked, or the connection was removed from the workspace, which also ends its webhooks.
          Look at the connection in Notion's settings, and copy its token again.
        api_forbidden error capabilities
          the API forbids the request (403{code})
          The connection is restricted in the workspace, or something between here and Notion refuses the request.
          Look at the connection in Notion's settings; ask an administrator of the workspace.
        api_rate_limited warning limits
          the API limits requests at the moment ({status})
          Another program uses up the requests of this connection; webhooks are not affected by that.
          Run doctor again in a minute.
        api_unusual warning statusCodes
          the API answers {status}
          The checks of this area were left out.
          Run doctor again; check --api-url.
        api_unreachable warning
          the API cannot be reached from here: {reason}
          Webhooks come from Notion to the edge, and may work nevertheless.
          Check this machine's access to the Internet.
        api_other_workspace error
          the token is of workspace {workspace}, the events are of {seen}
          This token belongs to another connection than the one whose webhooks arrive here.
          Take the token of the connection whose Webhooks tab has the subscription.
        api_access ok
          the entities of the newest events can be read
        api_no_access error troubleshooting
          not found: {names}
          The connection has no access to it (any more), or it was deleted for good. What a connection has no access \
        to sends no events.
          Add the connection to the page or to one above it: its menu, Connections.
        api_comments ok
          comments can be read
        comments_capability/none error capabilities
          the capability "read comments" is missing
          Without it Notion sends no comment events and reports no error; none came.
          Tick "read comments" in the Capabilities section of the connection.
        comments_capability/some warning capabilities
          the capability "read comments" is missing
          {events} came earlier; without it no more will come.
          Tick "read comments" in the Capabilities section of the connection.
        """
    )
}
