import Foundation
import NotionEvents
import NotionWebhooks
import TestSupport
import Testing

@Suite
struct HostileBytesTests {
    /// Flips, cuts, repeats and inserts, now and then several times.
    private func mutated(_ body: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...4, using: &random) where !body.isEmpty {
            let place = Int.random(in: body.indices, using: &random)
            let end = min(place + Int.random(in: 0...40, using: &random), body.count)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: body[place] = UInt8.random(in: 0...255, using: &random)
            case 1: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: body.removeSubrange(place..<end)
            case 3: body.insert(contentsOf: body[place..<end], at: Int.random(in: 0...body.count, using: &random))
            case 4: body.insert(Array(#"{}[],:"\0e-"#.utf8).randomElement(using: &random) ?? 0, at: place)
            default: body.insert(contentsOf: Array(#"\ud83d"#.utf8), at: place)
            }
        }
        return body
    }

    @Test(arguments: NotionPayload.events)
    func `whatever is accepted gives valid JSON that decodes`(payload: NotionPayload) throws {
        var random = SeededGenerator()
        var record = EventRecord()
        var accepted = 0
        for _ in 0..<500 {
            let body = mutated(payload.body, &random)
            let filled: FilledRecord
            do throws(DeliveryError) {
                filled = try FilledRecord(body, in: &record)
            } catch {
                continue
            }
            accepted += 1
            let value = try JSONSerialization.jsonObject(with: Data(filled.value)) as? [String: Any]
            let event = try Event(filled.value)
            #expect(value?["id"] as? String == event.id, "\(random) \(String(body))")
            #expect(event.id == filled.eventID)
            #expect(!filled.key.isEmpty)
        }
        #expect(accepted > 0)
    }

    @Test(arguments: NotionPayload.events)
    func `no bytes trap an event's decoder`(payload: NotionPayload) throws {
        var random = SeededGenerator()
        let value = try FilledRecord(payload.body).value
        for _ in 0..<500 {
            let bytes = mutated(value, &random)
            let event = try? Event(bytes)
            if event != nil { _ = try JSONSerialization.jsonObject(with: Data(bytes)) }
        }
    }
}
