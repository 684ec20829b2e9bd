import FoundationEssentials
import HTTPClient
import NotionWebhooks
import Timestamps

enum ProbeAnswer: Sendable, Equatable {
    case answered(Answer)
    case failed(ClientError)

    struct Answer: Sendable, Equatable {
        let status: Int
        /// The outcome in an answer of the edge: `{"error":"unsigned",…}`; nil for those of others.
        var outcome: String?
        var isHTML = false
        var location: String?
        var server: String?
    }
}

struct URLFacts: Sendable, Equatable {
    let url: PublicURL
    let answer: ProbeAnswer
    /// The address that answered; empty when it is not known.
    var remoteAddress = ""
    /// Milliseconds since 1970.
    var certificateEnds: Int64?
}

/// Sends a wrong signature: an edge refuses it even where signatures are optional, so nothing is published.
struct URLReader {
    let settings: DoctorSettings
    let now: @Sendable () -> Int64

    // Limit: the edge's answers have less than 300 bytes; another server's page is read whole or not at all.
    private static let bodyBytesMax = 1 << 20
    private static let wrongSignature = "sha256=" + String(repeating: "0", count: 64)

    func read(_ url: PublicURL) async -> (facts: Reading<URLFacts>, clock: ClockSample?) {
        let client: Client
        do throws(ClientError) {
            client = try Client(
                ClientSettings(
                    connectTimeout: settings.timeout,
                    authoritiesFile: settings.authoritiesFile,
                    readsCertificates: true
                )
            )
        } catch {
            return (.failed("\(error)"), nil)
        }
        defer { client.close() }
        let before = now()
        let result = await post(url, client)
        let after = now()
        var facts = URLFacts(url: url, answer: Self.answer(result))
        var clock: ClockSample?
        if case .success(let response) = result {
            facts.remoteAddress = response.remoteAddress
            facts.certificateEnds = response.certificateEnd.flatMap(Self.certificateTime)
            clock = ClockSample(response, source: url.host, ours: (before + after) / 2)
        }
        return (.read(facts), clock)
    }

    private func post(_ url: PublicURL, _ client: Client) async -> Result<ClientResponse, ClientError> {
        let request = ClientRequest(
            method: "POST",
            url: url.text,
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "notion-relay-doctor"),
                ("X-Notion-Signature", Self.wrongSignature),
            ],
            body: Array("{}".utf8),
            timeout: settings.timeout,
            responseBodyBytesMax: Self.bodyBytesMax
        )
        do throws(ClientError) {
            return .success(try await client.send(request))
        } catch {
            return .failure(error)
        }
    }

    private static func answer(_ result: Result<ClientResponse, ClientError>) -> ProbeAnswer {
        switch result {
        case .failure(let error): return .failed(error)
        case .success(let response):
            var answer = ProbeAnswer.Answer(status: response.status, outcome: outcome(response))
            answer.isHTML = response.header("Content-Type")?.lowercased().hasPrefix("text/html") ?? false
            answer.location = response.header("Location").map { String($0.prefix(256).prefix { $0 != "?" }) }
            answer.server = response.header("Server").map { String($0.prefix(64)) }
            return .answered(answer)
        }
    }

    private struct OwnAnswer: Decodable {
        var error: String?
        var outcome: String?
    }

    static func outcome(_ response: ClientResponse) -> String? {
        guard response.body.count <= 1024,
            let own = response.document(OwnAnswer.self),
            let word = own.error ?? own.outcome, DeliveryOutcome(rawValue: word) != nil
        else { return nil }
        return word
    }

    /// `Dec  1 23:59:59 2026 GMT` in milliseconds since 1970.
    static func certificateTime(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 5, parts[4] == "GMT", let day = Int(parts[1]) else { return nil }
        let date = "Mon, \(day < 10 ? "0" : "")\(day) \(parts[0]) \(parts[3]) \(parts[2]) GMT"
        return HTTPDate.secondsSince1970(date, now: 0).map { $0 * 1_000 }
    }
}

extension ClientResponse {
    func document<Document: Decodable>(_ type: Document.Type) -> Document? {
        try? JSONDecoder().decode(type, from: Data(body))
    }
}
