import NotionWebhooks
import OrderedConsumer
package import Subscriptions
import TextOutput
import Timestamps

/// Pending tokens, and activated ones that have not verified a delivery yet, newest first, as `subscription pending`
/// shows them.
package struct HandshakeListing: Sendable, Equatable {
    package enum State: String, Sendable, Encodable {
        /// It waits to be activated.
        case pending
        /// It is active and has verified nothing yet: Notion may still wait for it.
        case activated
    }

    package struct Row: Sendable, Equatable, Encodable {
        package let fingerprint: String
        package let state: State
        /// When it was received, or activated.
        package let since: String
        package let expiresAt: String?
        /// The last part of the path that it came to.
        package let name: String?
        /// The sender's address.
        package let client: String?
        /// Only on request, and if it could be opened.
        package let token: String?
        /// Why it could not be opened: the end of a sentence.
        package let problem: String?
        let age: Int64
        let expiresIn: Int64?

        private enum CodingKeys: String, CodingKey {
            case fingerprint, state, since, name, client, token, problem
            case expiresAt = "expires_at"
        }

        fileprivate init(
            _ fingerprint: Fingerprint,
            _ state: State,
            name: SubscriptionName?,
            since: Int64,
            expiresAt: Int64?,
            client: String?,
            _ shown: Shown,
            now: Int64
        ) {
            self.fingerprint = fingerprint.text
            self.state = state
            self.name = name?.text
            self.since = Timestamp.text(milliseconds: since)
            self.expiresAt = expiresAt.map { Timestamp.text(milliseconds: $0) }
            self.client = client
            token = shown.token
            problem = shown.problem
            age = max(0, now - since)
            expiresIn = expiresAt.map { $0 - now }
        }
    }

    /// What is shown of a sealed token.
    fileprivate struct Shown {
        var token: String?
        var problem: String?

        init(_ sealed: Result<VerificationToken, SealError>, revealing: Bool, hasKeys: Bool) {
            switch sealed {
            case .success(let opened): token = revealing ? opened.revealed() : nil
            case .failure(let error): problem = revealing || hasKeys ? error.description : nil
            }
        }
    }

    /// Pending ones, then activated ones that have verified nothing yet.
    package let rows: [Row]
    /// Handshakes that have expired and are still in the topic.
    package let expired: Int
    /// Handshakes that were refused, a sentence each.
    package let refusals: [String]
    private let showsTokens: Bool

    // Limit: a token is activated and pasted into Notion on the same day.
    private static let unusedMilliseconds: Int64 = 86_400_000

    /// `now` is in milliseconds since 1970. Tokens are in the listing only if it is `revealing`; without keys no
    /// problem is shown for tokens that do not open, unless tokens were asked for.
    package init(_ snapshot: SubscriptionsSnapshot, now: Int64, revealing: Bool, hasKeys: Bool) {
        let waiting = snapshot.handshakes.filter { !$0.value.content.isExpired(at: now) }
        let pending = waiting.map { fingerprint, entry in
            let handshake = entry.content
            return Row(
                fingerprint,
                .pending,
                name: handshake.name,
                since: handshake.receivedAt,
                expiresAt: handshake.expiresAt,
                client: PlainText.cut(handshake.client, bytesMax: 128),
                Shown(entry.token, revealing: revealing, hasKeys: hasKeys),
                now: now
            )
        }
        let unused = snapshot.subscriptions.filter { fingerprint, entry in
            entry.content.state(at: now) == .active && snapshot.uses[fingerprint] == nil
                && now - entry.content.activatedAt < Self.unusedMilliseconds
        }
        let activated = unused.map { fingerprint, entry in
            Row(
                fingerprint,
                .activated,
                name: entry.content.name,
                since: entry.content.activatedAt,
                expiresAt: nil,
                client: nil,
                Shown(entry.token, revealing: revealing, hasKeys: hasKeys),
                now: now
            )
        }
        rows = Self.newestFirst(pending) + Self.newestFirst(activated)
        expired = snapshot.handshakes.count - waiting.count
        refusals = snapshot.refusals.compactMap { key, refusal in
            guard case .handshake(let fingerprint) = key, snapshot.handshakes[fingerprint] == nil else { return nil }
            return "\(key.text) \(refusal)"
        }.sorted()
        showsTokens = revealing
    }

    private static func newestFirst(_ rows: [Row]) -> [Row] {
        rows.sorted { ($0.age, $0.fingerprint) < ($1.age, $1.fingerprint) }
    }

    /// Tokens that could not be opened.
    package var problems: Int { rows.count { $0.problem != nil } }

    /// A table for a terminal, a line each.
    package var lines: [String] {
        var titles = ["FINGERPRINT", "STATE", "SINCE", "EXPIRES", "NAME", "CLIENT"]
        let hasProblems = problems > 0
        if showsTokens { titles.append("TOKEN") } else if hasProblems { titles.append("PROBLEM") }
        var table = TextTable(titles)
        for row in rows {
            var texts = [
                row.fingerprint, row.state.rawValue, "\(row.since) (\(PlainText.age(row.age)) ago)",
                row.expiresIn.map { "in \(PlainText.age($0))" } ?? "-", row.name ?? "-", row.client ?? "-",
            ]
            if showsTokens || hasProblems { texts.append(row.token ?? row.problem ?? "") }
            table.append(texts)
        }
        return table.lines
    }

    /// One JSON array with an object a token.
    package var json: String { SortedJSON.text(rows) }
}
