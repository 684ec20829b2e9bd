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

    /// `YYYY-MM-DDTHH:MM:SS.mmmZ` of milliseconds since 1970.
    mutating func timestamp(_ milliseconds: Int64) {
        let day = Int((milliseconds / 86_400_000))
        let inDay = Int(milliseconds % 86_400_000)
        // Days since 1970 to a civil date, by eras of 400 years that begin on 1 March.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        number(era * 400 + yearOfEra + (month <= 2 ? 1 : 0), digits: 4)
        text("-")
        number(month, digits: 2)
        text("-")
        number(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, digits: 2)
        text("T")
        number(inDay / 3_600_000, digits: 2)
        text(":")
        number(inDay / 60_000 % 60, digits: 2)
        text(":")
        number(inDay / 1_000 % 60, digits: 2)
        text(".")
        number(inDay % 1_000, digits: 3)
        text("Z")
    }

    private mutating func number(_ value: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
