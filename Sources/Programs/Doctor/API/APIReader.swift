import FoundationEssentials
import HTTPClient

/// Asks Notion's API a few questions that change nothing.
struct APIReader {
    let settings: DoctorSettings
    let token: APIToken
    let now: @Sendable () -> Int64

    private static let version = "2026-03-11"
    // Limit: a page with all its properties; a longer one is there as well.
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
        let clock = ServerDate.sample(response, source: host, ours: (before + after) / 2)
        var facts = APIFacts(me: Self.answer(response))
        guard response.status == 200 else { return (facts, clock) }
        let me = Self.decode(Me.self, response)
        facts.botID = Self.shown(me?.id)
        facts.workspaceID = Self.shown(me?.bot?.workspaceID)
        await ask(&facts, recent, client)
        return (facts, clock)
    }

    private func ask(_ facts: inout APIFacts, _ recent: RecentEvents?, _ client: Client) async {
        let paths = ["page": "pages", "database": "databases", "data_source": "data_sources"]
        for entity in recent?.entities ?? [] {
            guard let path = paths[entity.kind] else { continue }
            facts.entities.append(APIFacts.Entity(entity, await status("/v1/\(path)/\(entity.id)", client)))
        }
        guard let page = recent?.page else { return }
        facts.comments = await status("/v1/comments?block_id=\(page.id)&page_size=1", client)
    }

    private func status(_ path: String, _ client: Client) async -> APIFacts.Answer {
        do throws(ClientError) {
            return Self.answer(try await get(path, client))
        } catch {
            return error == .tooLarge ? .status(200, code: nil) : .failed(error)
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
        return .status(response.status, code: decode(Failure.self, response)?.code.map { String($0.prefix(64)) })
    }

    private static func decode<Document: Decodable>(_ type: Document.Type, _ response: ClientResponse) -> Document? {
        try? JSONDecoder().decode(type, from: Data(response.body))
    }

    private static func shown(_ id: String?) -> String { String((id ?? "").prefix(64)) }
}
