import Foundation
import TestSupport
import Testing
import Timestamps

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
            let text = Timestamp.text(milliseconds: seconds * 1000)
            #expect(text == date.formatted(style), "\(generator)")
            let millisecond = Int64.random(in: 0..<1000, using: &generator)
            let fine = Timestamp.text(milliseconds: seconds * 1000 + millisecond)
            #expect(fine == text.dropLast(4) + "\(1000 + millisecond)Z".dropFirst(), "\(generator)")
            #expect(Timestamp.milliseconds(fine) == seconds * 1000 + millisecond, "\(generator)")
        }
    }

    @Test(arguments: [
        (Int64(5), Int64(7), Int64(2)), (7, 5, -2), (.min, 0, .max), (.min, .max, .max), (.max, .min, .min),
        (.max, -1, .min), (1, .min, .min), (.min, .min, 0),
    ])
    func `what lies between two times always fits`(start: Int64, end: Int64, elapsed: Int64) {
        #expect(Timestamp.elapsed(from: start, to: end) == elapsed)
    }

    @Test(arguments: [(Int64.min, "0000-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z")])
    func `a time out of range becomes the nearest in it`(milliseconds: Int64, text: String) {
        #expect(Timestamp.text(milliseconds: milliseconds) == text)
    }
}
