import FoundationEssentials
import HTTPClient
import Subscriptions

enum EdgeFacts: Sendable, Equatable {
    case notGiven
    /// Nothing answers there; why is the end of a sentence.
    case silent(String)
    case foreign(status: Int)
    case answered(Answer)

    struct Answer: Sendable, Equatable {
        var isReady: Bool
        var reasons: [String] = []
        var deliveries: [String: Int]?
        var pending: [Fingerprint] = []
    }

    var answer: Answer? {
        guard case .answered(let answer) = self else { return nil }
        return answer
    }
}

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
        guard let readiness = ready.document(Readiness.self) else { return .foreign(status: ready.status) }
        var answer = EdgeFacts.Answer(isReady: readiness.ready)
        answer.reasons = (readiness.reasons ?? []).prefix(Self.listMax).map { String($0.prefix(512)) }
        if let metrics = try? await get(base + "/metrics", client), metrics.status == 200 {
            answer.deliveries = Self.deliveries(String(decoding: metrics.body, as: UTF8.self))
        }
        if let list = try? await get(base + "/enrolment", client).document(Enrolment.self) {
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
        struct Handshake: Decodable {
            let fingerprint: String
        }

        let pending: [Handshake]
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

enum EdgeCheck {
    // Limit: fewer refusals than these come from scanners, and from doctor itself.
    private static let refusalsMin = 10

    static func findings(_ facts: EdgeFacts, at subject: String) -> [Finding] {
        var found = Findings(.edge, texts, about: subject)
        switch facts {
        case .notGiven: found.add("edge_not_asked", ["why": "--operations names no port that can be asked"])
        case .silent(let reason): found.add("edge_not_asked", ["why": "no edge answers on this machine: \(reason)"])
        case .foreign(let status):
            found.add("edge_not_asked", ["why": "something other than an edge answers there, with \(status)"])
        case .answered(let answer):
            let reasons = answer.reasons.joined(separator: "; ")
            found.add(answer.isReady ? "edge_ready" : "edge_not_ready", ["reasons": reasons])
            if let deliveries = answer.deliveries { refusals(deliveries, &found) }
        }
        return found.all
    }

    private static func refusals(_ deliveries: [String: Int], _ found: inout Findings) {
        let published = deliveries["published"] ?? 0
        let wrong = deliveries["bad_signature"] ?? 0
        let unsigned = deliveries["unsigned"] ?? 0
        let row =
            if wrong >= refusalsMin, wrong > published {
                "deliveries_not_verified"
            } else if unsigned >= refusalsMin, unsigned > published {
                "deliveries_unsigned"
            } else if wrong + unsigned >= refusalsMin, (wrong + unsigned) * 20 > published {
                "deliveries_partly_refused"
            } else {
                "deliveries_verify"
            }
        let counts = "\(wrong) with a wrong signature and \(unsigned) without one, \(published) published"
        found.add(row, ["counts": counts, "published": published, "refused": wrong + unsigned])
    }

    static let texts = CheckTexts(
        """
        edge_not_asked unknown
          {why}
          Readiness and refusals of the replicas cannot be read from here.
          Name an edge's operations port with --operations, or run doctor on a machine with an edge.
        edge_ready ok
          is ready
        edge_not_ready error
          is not ready: {reasons}
          A load balancer sends it no deliveries, and those that arrive anyway are answered 503.
          Follow the reasons; restarting the edge does not help Kafka.
        deliveries_verify ok
          {published} published, {refused} refused
        deliveries_not_verified error signature
          deliveries arrive and cannot be verified: {counts}
          The active token is not the one that the subscription signs with, or a proxy changes the body: it formats \
        JSON anew, changes its encoding, or decompresses it.
          Compare fingerprints: activate the token of this subscription (Resend token in the Webhooks tab sends it \
        again), and let proxies forward the body unchanged, byte by byte.
        deliveries_unsigned error signature
          requests arrive without a signature: {counts}
          A proxy removes X-Notion-Signature, or all requests come from strangers. Webhook actions of buttons and \
        automations have no signature either: they are not events.
          Let proxies forward all headers; doctor --url tells whether they do.
        deliveries_partly_refused warning signature
          some deliveries cannot be verified: {counts}
          One of several subscriptions may sign with a token that is not active here, or strangers send requests.
          Look at the edge's log for delivery_refused: client addresses in Notion's networks point to a token.
        """
    )
}
