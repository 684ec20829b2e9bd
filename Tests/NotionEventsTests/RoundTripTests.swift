import NotionEvents
import TestSupport
import Testing

@Suite
struct RoundTripTests {
    @Test
    func `a delivery's event is the same however it is spelled`() throws {
        var random = SeededGenerator()
        var record = EventRecord()
        for _ in 0..<150 {
            let delivery = RandomDelivery(&random)
            let first = delivery.body(&random)
            let second = delivery.body(&random)
            let one = try FilledRecord(first.bytes, in: &record)
            let other = try FilledRecord(second.bytes, in: &record)
            #expect(try Event(one.value) == first.event, "\(random) \(String(first.bytes))")
            #expect(try Event(other.value) == second.event, "\(random) \(String(second.bytes))")
            #expect(one.ownPart == other.ownPart, "\(random)")
            #expect(one.headers == other.headers, "\(random)")
            #expect(one.key == other.key, "\(random)")
        }
    }
}
