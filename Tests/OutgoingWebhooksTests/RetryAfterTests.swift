import HTTPFraming
import OutgoingWebhooks
import TestSupport
import Testing

@Suite
struct RetryAfterTests {
    /// 1994-11-06 08:49:37 UTC, the moment of RFC 9110's examples.
    private static let moment: Int64 = 784_111_777

    @Test(arguments: [
        ("0", 0), ("1", 1), ("120", 120), ("007", 7), ("3600", 3_600), ("3601", 3_600),
        ("99999999999999999999999999", 3_600), ("9223372036854775807", 3_600),
    ])
    func `seconds are taken up to the limit`(value: String, seconds: Int) {
        #expect(RetryAfter.wait(value, now: Self.moment) == .seconds(seconds))
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func `the three forms of a date say the same`(value: String) {
        #expect(RetryAfter.wait(value, now: Self.moment - 90) == .seconds(90))
        #expect(RetryAfter.wait(value, now: Self.moment) == .zero)
        #expect(RetryAfter.wait(value, now: Self.moment + 90) == .zero)
        #expect(RetryAfter.wait(value, now: 0) == RetryAfter.longest)
        #expect(RetryAfter.wait(value, now: Self.moment - 90, longest: .seconds(5)) == .seconds(5))
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "1e3", "0x10", "12 ", "1,2", "\u{661}", "soon", "GMT", "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 8:49:37a GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 94",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    ])
    func `anything else is no wait`(value: String) {
        #expect(RetryAfter.wait(value, now: Self.moment) == nil)
    }

    /// 4,102,444,800 is the beginning of 2100.
    @Test(arguments: [
        ("Thursday, 01-Jan-70 00:01:00 GMT", 0, 60), ("Friday, 01-Jan-00 00:00:00 GMT", 4_102_444_740, 60),
        ("Friday, 01-Jan-99 00:00:00 GMT", 4_102_444_800, 0), ("Sunday, 01-Jan-45 00:00:00 GMT", 784_111_777, 0),
        ("Sunday, 01-Jan-44 00:00:00 GMT", 784_111_777, 3_600),
    ])
    func `two digits of a year mean the latest that is at most 50 years ahead`(value: String, now: Int64, wait: Int) {
        #expect(RetryAfter.wait(value, now: now) == .seconds(wait))
    }

    @Test
    func `a leap second and a leap day exist`() {
        #expect(RetryAfter.wait("Sat, 31 Dec 2016 23:59:60 GMT", now: 1_483_228_790) == .seconds(9))
        #expect(RetryAfter.wait("Thu, 29 Feb 2024 00:00:00 GMT", now: 1_709_164_800 - 60) == .seconds(60))
        #expect(RetryAfter.wait("Wed, 29 Feb 2023 00:00:00 GMT", now: 0) == nil)
    }

    @Test
    func `what our own server writes as a date is read as that moment`() {
        var random = SeededGenerator()
        for _ in 0..<1_000 {
            // Until the year 9999.
            let seconds = Int.random(in: 0..<253_402_300_800, using: &random)
            let line = String(decoding: DateField.line(secondsSince1970: seconds), as: UTF8.self)
            let value = String(line.dropFirst("Date: ".count).dropLast())
            let ahead = Int64.random(in: 0...3_600, using: &random)
            #expect(RetryAfter.wait(value, now: Int64(seconds) - ahead) == .seconds(ahead), "\(value) \(random)")
        }
    }

    @Test
    func `no text is read as more than the limit or less than nothing`() {
        var random = SeededGenerator()
        var taken = 0
        for _ in 0..<3_000 {
            var bytes = Array(
                ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "120"].randomElement(using: &random)?.utf8
                    ?? "".utf8
            )
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let piece = random.bytes(like: "0123456789 :,-SunNovGMT", countMax: 2)
                let start = Int.random(in: 0...bytes.count, using: &random)
                bytes.replaceSubrange(start..<min(bytes.count, start + piece.count), with: piece)
            }
            let wait = RetryAfter.wait(String(decoding: bytes, as: UTF8.self), now: Self.moment - 60)
            if let wait {
                taken += 1
                #expect(wait >= .zero && wait <= RetryAfter.longest, "\(random)")
            }
        }
        #expect(taken > 300 && taken < 3_000, "both kinds are made; \(random)")
    }
}
