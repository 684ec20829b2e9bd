import Operations
import Timestamps

/// Writes one event's minified JSON, in the order of members that captures show (SPEC.md section 1.4).
struct DeliveryBody {
    private(set) var bytes: [UInt8] = []
    private(set) var attemptOffset = 0
    private(set) var idEnd = 0

    init() { bytes.reserveCapacity(1_024) }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func text(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    /// `"name":"<id>"`
    mutating func member(_ name: String, _ id: SimulatedID) {
        text("\"")
        text(name)
        text("\":\"")
        id.append(to: &bytes)
        text("\"")
    }

    /// `{"id":"<id>","type":"<type>"}`
    mutating func reference(_ id: SimulatedID, _ type: String) {
        text("{")
        member("id", id)
        text(",\"type\":\"")
        text(type)
        text("\"}")
    }

    mutating func references(_ list: [(id: SimulatedID, type: String)]) {
        text("[")
        for (index, item) in list.enumerated() {
            if index > 0 { text(",") }
            reference(item.id, item.type)
        }
        text("]")
    }

    mutating func eventID(_ id: SimulatedID) {
        member("id", id)
        idEnd = bytes.count
    }

    mutating func attempt() {
        text(",\"attempt_number\":")
        attemptOffset = bytes.count
        text("1")
    }

    /// As Notion writes times, from milliseconds since 1970.
    mutating func timestamp(_ milliseconds: Int64) { text(Timestamp.bytes(milliseconds: milliseconds)) }
}
