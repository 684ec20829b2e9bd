/// What one subscription of Notion sent in a period. Times are those of the records, in milliseconds since
/// 1970: when a replica received the event.
package struct SubscriptionTraffic: Sendable, Equatable {
    /// Stands for types and subscriptions beyond the limits, and for invalid types.
    package static let other = "other"

    /// Notion's ids, empty where the events had none.
    package var subscriptionID: String
    package var workspaceID: String
    package var events: Int
    /// By Notion's name of the type: `page.created`.
    package var byType: [String: Int]
    package var lastByType: [String: Int64]
    package var firstAt: Int64
    package var lastAt: Int64
    /// Events that took Notion more than one attempt: earlier ones failed, or their answers were lost.
    package var repeated: Int
    /// The longest time between two events that follow each other, in milliseconds; 0 with less than two.
    package var longestSilence: Int64
    /// From the event to its receipt, in milliseconds; nil when no event said when it occurred.
    package var medianDelay: Int64?
    /// Events that passed without a signature.
    package var unverified: Int

    package init(
        subscriptionID: String,
        workspaceID: String = "",
        events: Int = 0,
        byType: [String: Int] = [:],
        lastByType: [String: Int64] = [:],
        firstAt: Int64 = 0,
        lastAt: Int64 = 0,
        repeated: Int = 0,
        longestSilence: Int64 = 0,
        medianDelay: Int64? = nil,
        unverified: Int = 0
    ) {
        self.subscriptionID = subscriptionID
        self.workspaceID = workspaceID
        self.events = events
        self.byType = byType
        self.lastByType = lastByType
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.repeated = repeated
        self.longestSilence = longestSilence
        self.medianDelay = medianDelay
        self.unverified = unverified
    }

    // Limit: fewer events do not show what is usual.
    private static let eventsMin = 20
    private static let silenceMin: Int64 = 30 * 60_000

    /// Whether there are enough events to tell what is usual.
    package var isSteady: Bool { events >= Self.eventsMin }

    /// Whether it has been silent for longer than usual, which may mean that Notion has paused it.
    ///
    /// Each workspace has its own rhythm, with nights and weekends, so the measure is twice its longest silence in the
    /// period, and at least half an hour, so that a short pause of a busy one is normal. A subscription with few events
    /// is never called quiet: a false alarm every evening would be useless.
    package func isQuiet(at now: Int64) -> Bool {
        isSteady && now - lastAt > max(Self.silenceMin, 2 * longestSilence)
    }
}

/// What came in over all subscriptions.
package struct TrafficReport: Sendable, Equatable {
    /// Sorted by their ids.
    package var subscriptions: [SubscriptionTraffic]
    /// The period of record times, in milliseconds since 1970.
    package var from: Int64
    package var to: Int64
    package var recordsRead: Int
    /// Records that were sent again by a replay or a redrive; they are not traffic.
    package var replayed: Int
    /// Whether all records of the period were read; if not, the oldest ones are missing.
    package var isComplete: Bool

    package init(
        subscriptions: [SubscriptionTraffic],
        from: Int64,
        to: Int64,
        recordsRead: Int = 0,
        replayed: Int = 0,
        isComplete: Bool = true
    ) {
        self.subscriptions = subscriptions
        self.from = from
        self.to = to
        self.recordsRead = recordsRead
        self.replayed = replayed
        self.isComplete = isComplete
    }
}
