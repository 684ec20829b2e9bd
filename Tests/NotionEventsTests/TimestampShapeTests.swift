import Testing
import Timestamps

@testable import NotionEvents

@Suite
struct TimestampShapeTests {
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
}
