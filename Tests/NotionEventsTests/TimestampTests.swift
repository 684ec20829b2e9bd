import Foundation
import Testing

@testable import NotionEvents

@Suite
struct TimestampTests {
    private func isValid(_ text: String) -> Bool { Timestamp.isValid(Array(text.utf8).span) }

    @Test(arguments: [
        "2026-10-06T09:02:47.713Z", "2026-10-06T09:02:47Z", "2026-10-06T09:02:47.7Z", "2026-10-06T09:02:47.123456789Z",
        "2026-10-06T09:02:47+02:00", "2026-10-06T09:02:47.5-11:30", "2016-12-31T23:59:60Z",
    ])
    func `RFC 3339 is accepted`(text: String) {
        #expect(isValid(text))
    }

    @Test(arguments: [
        "", "Z", "2026-10-06", "2026-10-06T09:02:47", "2026-10-06 09:02:47Z", "2026-10-06T09:02:47.Z",
        "2026-10-06T09:02:47.",
        "2026-00-06T09:02:47Z", "2026-13-06T09:02:47Z", "2026-10-00T09:02:47Z", "2026-10-32T09:02:47Z",
        "2026-10-06T24:02:47Z", "2026-10-06T09:60:47Z", "2026-10-06T09:02:61Z", "2026-10-06T09:02:47Zx",
        "2026-10-06T09:02:47+2:00", "2026-10-06T09:02:47+24:00", "2026-10-06T09:02:47+02:60",
        "2026-10-06T09:02:47+02:000",
        "2026-1a-06T09:02:47Z", "026-10-06T09:02:47.00Z",
    ])
    func `anything else is not`(text: String) {
        #expect(!isValid(text))
    }

    @Test
    func `milliseconds are written as Foundation writes them`() {
        var random = SeededRandom.forTests
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var samples: [Int64] = [0, 1, 951_782_400_000, 951_868_799_999, 1_709_164_800_000, 253_402_300_799_999]
        for _ in 0..<1_000 { samples.append(Int64.random(in: 0...253_402_300_799, using: &random) * 1_000) }
        for sample in samples {
            let text = Timestamp.text(milliseconds: sample)
            let seconds = sample / 1_000 * 1_000
            let model = Date(timeIntervalSince1970: Double(seconds) / 1_000).formatted(style).prefix(20)
            let fraction = String(sample % 1_000 + 1_000).dropFirst()
            #expect(String(FilledRecord.bytes(text.span)) == "\(model)\(fraction)Z", "\(random) \(sample)")
        }
    }

    @Test
    func `a time out of range becomes the nearest in it`() {
        #expect(String(FilledRecord.bytes(Timestamp.text(milliseconds: .min).span)) == "1970-01-01T00:00:00.000Z")
        #expect(String(FilledRecord.bytes(Timestamp.text(milliseconds: .max).span)) == "9999-12-31T23:59:59.999Z")
    }
}
