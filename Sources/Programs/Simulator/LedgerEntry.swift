/// How one delivery ended: a line of the ledger.
package struct LedgerEntry: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// An event with its retries.
        case event
        /// The bytes of an acknowledged event, sent once more.
        case duplicate
        /// A delivery with one byte changed after signing. Its event id is used nowhere else.
        case tampered
    }

    package let index: Int
    package let kind: Kind
    package let eventID: SimulatedID
    package let entityID: SimulatedID
    package let type: String
    /// The connection it went over. Lines of one connection stand in the order in which they were settled.
    package let connection: Int
    package let attempts: Int
    /// The last answer's status; 0 when there was none.
    package let status: Int

    package init(
        index: Int,
        kind: Kind,
        eventID: SimulatedID,
        entityID: SimulatedID,
        type: String,
        connection: Int,
        attempts: Int,
        status: Int
    ) {
        self.index = index
        self.kind = kind
        self.eventID = eventID
        self.entityID = entityID
        self.type = type
        self.connection = connection
        self.attempts = attempts
        self.status = status
    }

    /// Notion takes any 2xx for success.
    package var isAcknowledged: Bool { (200...299).contains(status) }

    /// The entry as JSON and a line feed.
    package func append(to bytes: inout [UInt8]) {
        var line = DeliveryBody()
        line.text("{\"n\":\(index),\"kind\":\"\(kind.rawValue)\",")
        line.member("id", eventID)
        line.text(",")
        line.member("entity", entityID)
        line.text(",\"type\":\"\(type)\",\"connection\":\(connection),\"attempts\":\(attempts),\"status\":\(status)}\n")
        bytes.append(contentsOf: line.bytes)
    }
}
