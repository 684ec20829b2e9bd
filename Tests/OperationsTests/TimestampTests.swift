import Foundation
import TestSupport
import Testing

@testable import Operations

@Suite
struct TimestampTests {
    static let readings: [(text: String, milliseconds: Int64?)] = [
        ("1970-01-01", 0),
        ("2026-10-06", 1_791_244_800_000),
        ("2026-10-06T09:02Z", 1_791_277_320_000),
        ("2026-10-06T09:02:47Z", 1_791_277_367_000),
        ("2026-10-06 09:02:47Z", 1_791_277_367_000),
        ("2026-10-06T09:02:47.7Z", 1_791_277_367_700),
        ("2026-10-06T09:02:47.713999999Z", 1_791_277_367_713),
        ("2026-10-06T11:02:47.713+02:00", 1_791_277_367_713),
        ("2026-10-06T04:32:47.713-04:30", 1_791_277_367_713),
        ("2024-02-29", 1_709_164_800_000),
        ("1791277367713", 1_791_277_367_713),
        ("2025-02-29", nil),
        ("2026-13-01", nil),
        ("2026-00-01", nil),
        ("2026-10-06T24:00:00Z", nil),
        ("2026-10-06T09:02:60Z", nil),
        ("2026-10-06T09:02:47", nil),
        ("2026-10-06T09:02:47Zx", nil),
        ("2026-10-06T09:02:47.Z", nil),
        ("2026-10-06T09:02:47+2:00", nil),
        ("20261006", nil),
        ("-1791277367713", nil),
        ("99999999999999999999", nil),
        ("", nil),
    ]

    @Test(arguments: readings)
    func `a time is read exactly or not at all`(text: String, milliseconds: Int64?) {
        #expect(Timestamp.milliseconds(text) == milliseconds)
    }

    @Test
    func `what is written is what Foundation writes`() {
        var generator = SeededGenerator()
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<5000 {
            let seconds = Int64.random(in: -62_000_000_000...253_402_300_799, using: &generator)
            let date = Date(timeIntervalSince1970: Double(seconds))
            // Foundation's calendar is Julian before 1582; ours is Gregorian throughout, as ISO 8601 says.
            guard seconds > -12_219_292_800 else { continue }
            #expect(Timestamp.text(milliseconds: seconds * 1000) == date.formatted(style), "seed \(generator.seed)")
        }
    }

    @Test(arguments: [Int64.min, .max])
    func `the ends of time stay within four digits`(milliseconds: Int64) {
        #expect(Timestamp.text(milliseconds: milliseconds).utf8.count == 24)
    }
}
