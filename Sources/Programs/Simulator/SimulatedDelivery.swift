/// One event as Notion would send it.
package struct SimulatedDelivery: Sendable {
    /// Its place in the run.
    package let index: Int
    package let eventID: SimulatedID
    package let entityID: SimulatedID
    package let type: String
    private let bytes: [UInt8]
    /// Where the one digit of `attempt_number` stands.
    private let attemptOffset: Int
    /// The first byte after the event id.
    private let idEnd: Int

    init(index: Int, eventID: SimulatedID, entityID: SimulatedID, type: String, body: DeliveryBody) {
        precondition(body.bytes[body.attemptOffset] == 0x31, "A delivery is written as its first attempt.")
        self.index = index
        self.eventID = eventID
        self.entityID = entityID
        self.type = type
        bytes = body.bytes
        attemptOffset = body.attemptOffset
        idEnd = body.idEnd
    }

    /// The bytes to sign and send. Attempts of one event differ in `attempt_number` alone.
    package func body(attempt: Int = 1) -> [UInt8] {
        precondition((1...RetrySchedule.attemptsMax).contains(attempt), "Notion tries eight times.")
        var body = bytes
        body[attemptOffset] = 0x30 + UInt8(attempt)
        return body
    }

    /// The body with one byte changed on the way. The event id stays, so that a receiver that lets it pass is found out
    /// by that id.
    package func tamperedBody(using random: inout SeededRandom) -> [UInt8] {
        var body = bytes
        let position = idEnd + random.below(body.count - idEnd)
        body[position] ^= UInt8(1 + random.below(255))
        return body
    }
}
