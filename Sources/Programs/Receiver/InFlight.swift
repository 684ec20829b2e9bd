import HTTPServer
import NotionWebhooks

/// What the receiver remembers of a record between produce and its delivery report.
struct Waiting {
    let exchange: Exchange
    /// What it becomes when Kafka has acknowledged it: published or dead-lettered.
    let outcome: DeliveryOutcome
    let typeIndex: Int
    let bytes: Int
    let requestAtNanoseconds: UInt64
    /// Why it becomes a dead letter; nil for an event.
    var deadLetterReason: DeliveryError?
    var eventID = InlineArray<36, UInt8>(repeating: 0)
    var hasEventID = false
    /// The client left, or was answered when the request's deadline passed. The record still counts until its report.
    var isSettled = false

    mutating func take(eventID bytes: Span<UInt8>) {
        guard bytes.count == 36 else { return }
        for index in 0..<36 { eventID[index] = bytes[index] }
        hasEventID = true
    }
}

/// The records that wait for their reports, in reused slots. Slot and generation are librdkafka's opaque value.
struct InFlight {
    private struct Slot {
        var generation: UInt32 = 0
        var waiting: Waiting?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    /// By the slot of the exchange's connection, which has at most one request in service; -1 is none.
    private var slotOfConnection: [Int] = []

    init(capacity: Int) {
        slots.reserveCapacity(capacity)
        free.reserveCapacity(capacity)
    }

    var count: Int { slots.count - free.count }

    /// Takes a slot; the result is the opaque value, never 0.
    mutating func insert(_ waiting: Waiting) -> UInt {
        let index: Int
        if let reused = free.popLast() {
            index = reused
        } else {
            index = slots.count
            slots.append(Slot())
        }
        slots[index].generation &+= 1
        slots[index].waiting = waiting
        let connection = waiting.exchange.slot
        while slotOfConnection.count <= connection { slotOfConnection.append(-1) }
        slotOfConnection[connection] = index
        return UInt(slots[index].generation) << 32 | UInt(index + 1)
    }

    /// Gives the slot back. Nil when the opaque value is not of a waiting record.
    mutating func remove(_ opaque: UInt) -> Waiting? {
        let index = Int(opaque & 0xffff_ffff) - 1
        guard slots.indices.contains(index), slots[index].generation == UInt32(truncatingIfNeeded: opaque >> 32),
            let waiting = slots[index].waiting
        else { return nil }
        slots[index].waiting = nil
        free.append(index)
        let connection = waiting.exchange.slot
        if slotOfConnection[connection] == index { slotOfConnection[connection] = -1 }
        return waiting
    }

    /// Marks the record of an exchange that got its answer, or lost its client, before the report.
    mutating func settle(_ exchange: Exchange) -> Waiting? {
        guard slotOfConnection.indices.contains(exchange.slot) else { return nil }
        let index = slotOfConnection[exchange.slot]
        guard index >= 0, slots[index].waiting?.exchange == exchange else { return nil }
        slots[index].waiting?.isSettled = true
        return slots[index].waiting
    }
}

/// How much may wait for Kafka at once. A full receiver refuses a delivery before it reads the body.
struct Admission {
    // Limit: both come from the settings in_flight_records_max and in_flight_bytes_max, per loop.
    let recordsMax: Int
    let bytesMax: Int

    private(set) var records = 0
    private(set) var bytes = 0

    init(recordsMax: Int, bytesMax: Int) {
        precondition(recordsMax > 0 && bytesMax > 0, "Admission limits are positive.")
        self.recordsMax = recordsMax
        self.bytesMax = bytesMax
    }

    /// Whether a delivery of this declared size (0 when it is not known yet) may come in now.
    func admits(bytes announced: Int) -> Bool {
        records < recordsMax && (records == 0 || announced <= bytesMax - bytes)
    }

    mutating func take(bytes taken: Int) {
        records += 1
        bytes += taken
    }

    mutating func release(bytes released: Int) {
        precondition(records > 0 && bytes >= released, "Only what was taken can be released.")
        records -= 1
        bytes -= released
    }
}
