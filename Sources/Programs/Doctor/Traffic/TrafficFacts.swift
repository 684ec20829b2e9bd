package import SubscriptionAdministration

/// What the topics tell of what came lately.
package struct TrafficFacts: Sendable, Equatable {
    package var report: TrafficReport
    /// Dead letters of the edge in the same stretch; nil when they could not be counted.
    package var deadLetters: DeadLetters?

    package init(report: TrafficReport, deadLetters: DeadLetters? = nil) {
        self.report = report
        self.deadLetters = deadLetters
    }

    /// All event types that came, each with its number.
    var byType: [String: Int] {
        report.subscriptions.reduce(into: [:]) { sum, next in sum.merge(next.byType, uniquingKeysWith: +) }
    }

    var lastAt: Int64? { report.subscriptions.filter { $0.events > 0 }.map(\.lastAt).max() }

    func count(_ prefix: String) -> Int { byType.reduce(0) { $0 + ($1.key.hasPrefix(prefix) ? $1.value : 0) } }
}

/// Deliveries that were verified and not understood.
package struct DeadLetters: Sendable, Equatable {
    package let count: Int
    /// Reasons of some of the newest, the most frequent first.
    package let reasons: [String]

    package init(count: Int, reasons: [String] = []) {
        self.count = count
        self.reasons = reasons
    }
}

/// What the last records of the topic are about.
package struct RecentEvents: Sendable, Equatable {
    package struct Entity: Sendable, Hashable {
        /// `page`, `database` or `data_source`.
        package let kind: String
        /// A UUID with dashes.
        package let id: String

        package init(kind: String, id: String) {
            self.kind = kind
            self.id = id
        }
    }

    /// Milliseconds since 1970.
    package var newestAt: Int64?
    /// One of each kind at most, the newest.
    package var entities: [Entity] = []

    package init(newestAt: Int64? = nil, entities: [Entity] = []) {
        self.newestAt = newestAt
        self.entities = entities
    }

    var page: Entity? { entities.first { $0.kind == "page" } }
}
