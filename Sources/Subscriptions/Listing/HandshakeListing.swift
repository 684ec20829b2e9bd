import NotionWebhooks
import OrderedConsumer
import Timestamps

/// The tokens that wait for a person, newest first, as `subscription pending` shows them.
package struct HandshakeListing: Sendable, Equatable {
    package struct Row: Sendable, Equatable, Encodable {
        package let fingerprint: String
        package let receivedAt: String
        package let expiresAt: String
        /// The last part of the path that it came to.
        package let name: String?
        /// Who sent it: an address.
        package let client: String
        /// Only when it was asked for, and could be opened.
        package let token: String?
        /// Why it could not be opened: the end of a sentence.
        package let problem: String?
        let receivedAgo: Int64
        let expiresIn: Int64

        private enum CodingKeys: String, CodingKey {
            case fingerprint, name, client, token, problem
            case receivedAt = "received_at"
            case expiresAt = "expires_at"
        }
    }

    package let rows: [Row]
    /// Handshakes that have expired and are still in the topic.
    package let expired: Int
    /// Handshakes that are none, a sentence each.
    package let refusals: [String]
    private let showsTokens: Bool

    /// `now` is in milliseconds since 1970. Tokens are in the listing only if it is `revealing`; without keys nothing
    /// is said of what does not open, unless tokens were asked for.
    package init(_ snapshot: SubscriptionsSnapshot, now: Int64, revealing: Bool, hasKeys: Bool) {
        let waiting = snapshot.handshakes.filter { !$0.value.content.isExpired(at: now) }
        let newestFirst = waiting.sorted { one, other in
            (other.value.content.receivedAt, one.key) < (one.value.content.receivedAt, other.key)
        }
        rows = newestFirst.map { fingerprint, entry in
            var (token, problem) = (String?.none, String?.none)
            switch entry.token {
            case .success(let opened): token = revealing ? opened.revealed() : nil
            case .failure(let error): problem = revealing || hasKeys ? error.description : nil
            }
            let handshake = entry.content
            return Row(
                fingerprint: fingerprint.text,
                receivedAt: Timestamp.text(milliseconds: handshake.receivedAt),
                expiresAt: Timestamp.text(milliseconds: handshake.expiresAt),
                name: handshake.name?.text,
                client: PlainText.cut(handshake.client, bytesMax: 128),
                token: token,
                problem: problem,
                receivedAgo: max(0, now - handshake.receivedAt),
                expiresIn: handshake.expiresAt - now
            )
        }
        expired = snapshot.handshakes.count - waiting.count
        refusals = snapshot.refusals.compactMap { key, refusal in
            guard case .handshake(let fingerprint) = key, snapshot.handshakes[fingerprint] == nil else { return nil }
            return "\(key.text) \(refusal)"
        }.sorted()
        showsTokens = revealing
    }

    /// Tokens that could not be opened.
    package var problems: Int { rows.count { $0.problem != nil } }

    /// A table for a terminal, a line each.
    package var lines: [String] {
        var titles = ["FINGERPRINT", "RECEIVED", "EXPIRES", "PATH NAME", "CLIENT"]
        let hasProblems = problems > 0
        if showsTokens { titles.append("TOKEN") } else if hasProblems { titles.append("PROBLEM") }
        var table = TextTable(titles)
        for row in rows {
            var texts = [
                row.fingerprint, "\(row.receivedAt) (\(PlainText.age(row.receivedAgo)) ago)",
                "in \(PlainText.age(row.expiresIn))", row.name ?? "-", row.client,
            ]
            if showsTokens || hasProblems { texts.append(row.token ?? row.problem ?? "") }
            table.append(texts)
        }
        return table.lines
    }

    /// One JSON array with an object a token.
    package var json: String { SortedJSON.text(rows) }
}
