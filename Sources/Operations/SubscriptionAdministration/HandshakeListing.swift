import NotionWebhooks
import OrderedConsumer
package import Subscriptions
import TextOutput
import Timestamps

/// Pending tokens, and activated ones that have not verified a delivery yet, newest first.
package struct HandshakeListing: Sendable, Equatable {
    package enum State: String, Sendable, Encodable {
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
        package let name: String?
        package let client: String?
        package let token: String?
        /// Why its newest record cannot be used: the end of a sentence. What was known before may still count.
        package let problem: String?
        let age: Int64
        let expiresIn: Int64?

        private enum CodingKeys: CodingKey {
            case fingerprint, state, since, name, client, token, problem, expiresAt
        }
    }

    package let rows: [Row]
    /// Handshakes that have expired and are still in the topic.
    package let expired: Int
    package let refusals: [String]
    private let showsTokens: Bool

    // Limit: a token is activated and pasted into Notion on the same day.
    private static let unusedMilliseconds: Int64 = 86_400_000

    /// `now` is in milliseconds since 1970. Tokens are in the listing only if it is `revealing`; without keys no
    /// problem is shown for tokens that do not open, unless tokens were asked for.
    package init(_ snapshot: SubscriptionsSnapshot, now: Int64, revealing: Bool, hasKeys: Bool) {
        func row(
            _ fingerprint: Fingerprint,
            _ state: State,
            _ name: SubscriptionName?,
            since: Int64,
            expiresAt: Int64? = nil,
            client: String? = nil,
            _ token: Result<VerificationToken, SealError>
        ) -> Row {
            let (opened, problem): (String?, String?) =
                switch token {
                case .success(let token): (revealing ? token.revealed() : nil, nil)
                case .failure(let error): (nil, revealing || hasKeys ? error.description : nil)
                }
            return Row(
                fingerprint: fingerprint.text,
                state: state,
                since: Timestamp.text(milliseconds: since),
                expiresAt: expiresAt.map { Timestamp.text(milliseconds: $0) },
                name: name?.text,
                client: client,
                token: opened,
                problem: problem,
                age: max(0, now - since),
                expiresIn: expiresAt.map { $0 - now }
            )
        }
        let waiting = snapshot.handshakes.filter { !$0.value.content.isExpired(at: now) }
        let pending = waiting.map { fingerprint, entry in
            let (handshake, client) = (entry.content, PlainText.cut(entry.content.client, bytesMax: 128))
            let (since, expiresAt) = (handshake.receivedAt, handshake.expiresAt)
            return row(
                fingerprint,
                .pending,
                handshake.name,
                since: since,
                expiresAt: expiresAt,
                client: client,
                entry.token
            )
        }
        let unused = snapshot.subscriptions.filter { fingerprint, entry in
            entry.content.state(at: now) == .active && snapshot.uses[fingerprint] == nil
                && now - entry.content.activatedAt < Self.unusedMilliseconds
        }
        let activated = unused.map { fingerprint, entry in
            row(fingerprint, .activated, entry.content.name, since: entry.content.activatedAt, entry.token)
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

    package var problems: Int { rows.count { $0.problem != nil } }

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

    package var json: String { SortedJSON.text(rows, inSnakeCase: true) }
}
