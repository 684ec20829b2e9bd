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

    /// Foundation refuses the escape of half a surrogate pair, which RFC 8259 allows: such escapes become U+FFFD.
    private func withWholePairs(_ json: [UInt8]) -> [UInt8] {
        var json = json
        var place = 0
        func unit(at place: Int) -> UInt32 {
            guard place + 6 <= json.count, json[place] == UInt8(ascii: "\\"), json[place + 1] == UInt8(ascii: "u")
            else { return 0 }
            return UInt32(String(json[(place + 2)..<(place + 6)].map { Character(Unicode.Scalar($0)) }), radix: 16) ?? 0
        }
        while place < json.count {
            guard json[place] == UInt8(ascii: "\\") else {
                place += 1
                continue
            }
            let isPair = (0xD800..<0xDC00).contains(unit(at: place)) && (0xDC00..<0xE000).contains(unit(at: place + 6))
            if !isPair, (0xD800..<0xE000).contains(unit(at: place)) {
                json.replaceSubrange((place + 2)..<(place + 6), with: "fffd".utf8)
            }
            place += isPair ? 12 : 2
        }
        return json
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
            let value = try JSONSerialization.jsonObject(with: Data(withWholePairs(filled.value))) as? [String: Any]
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
            if event != nil { _ = try JSONSerialization.jsonObject(with: Data(withWholePairs(bytes))) }
        }
    }
}
