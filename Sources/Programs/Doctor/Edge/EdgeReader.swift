import FoundationEssentials
import HTTPClient
import Subscriptions

/// Asks an operations port.
struct EdgeReader {
    let settings: DoctorSettings

    // Limit: an edge has some hundred series; reasons are sentences.
    private static let bodyBytesMax = 4 << 20
    private static let listMax = 32

    func read() async -> EdgeFacts {
        guard case .url(let base) = settings.operations else { return .notGiven }
        do throws(ClientError) {
            let client = try Client(ClientSettings(connectTimeout: settings.timeout))
            defer { client.close() }
            return try await read(base, client)
        } catch {
            return .silent("\(error)")
        }
    }

    private func read(_ base: String, _ client: Client) async throws(ClientError) -> EdgeFacts {
        let ready = try await get(base + "/readyz", client)
        guard let readiness = Self.decode(Readiness.self, ready) else { return .foreign(status: ready.status) }
        var answer = EdgeFacts.Answer(isReady: readiness.ready)
        answer.reasons = (readiness.reasons ?? []).prefix(Self.listMax).map { String($0.prefix(512)) }
        if let metrics = try? await get(base + "/metrics", client), metrics.status == 200 {
            answer.deliveries = Self.deliveries(String(decoding: metrics.body, as: UTF8.self))
        }
        if let held = try? await get(base + "/enrolment", client), let list = Self.decode(Enrolment.self, held) {
            answer.pending = list.pending.prefix(Self.listMax).compactMap { Fingerprint($0.fingerprint) }
        }
        return .answered(answer)
    }

    private func get(_ url: String, _ client: Client) async throws(ClientError) -> ClientResponse {
        try await client.send(
            ClientRequest(url: url, timeout: settings.timeout, responseBodyBytesMax: Self.bodyBytesMax)
        )
    }

    private struct Readiness: Decodable {
        let ready: Bool
        let reasons: [String]?
    }

    private struct Enrolment: Decodable {
        struct Held: Decodable {
            let fingerprint: String
        }

        let pending: [Held]
    }

    private static func decode<Document: Decodable>(_ type: Document.Type, _ response: ClientResponse) -> Document? {
        try? JSONDecoder().decode(type, from: Data(response.body))
    }

    /// Sums `notion_relay_deliveries_total{outcome="published",type="…"} 12` by outcome; nil without any.
    static func deliveries(_ text: String) -> [String: Int]? {
        let beginning = "notion_relay_deliveries_total{outcome=\""
        var sums: [String: Int] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix(beginning) {
            let rest = line.dropFirst(beginning.count)
            guard let end = rest.firstIndex(of: "\""), let space = rest.lastIndex(of: " "),
                let number = Double(rest[rest.index(after: space)...]), number >= 0, number < 1e15
            else { continue }
            sums[String(rest[..<end]), default: 0] += Int(number)
        }
        return sums.isEmpty ? nil : sums
    }
}
