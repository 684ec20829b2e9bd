import TestSupport
import Testing

@testable import Replayer

struct OffsetRangeTests {
    @Test(arguments: [
        ("3:100-199", ["3:100-199"]), ("0:0-", ["0:0-"]), ("5:7", ["5:7-7"]), ("4:0-,3:1-2", ["3:1-2", "4:0-"]),
    ])
    func `a list is read, and comes back by partition`(_ text: String, _ ranges: [String]) throws {
        #expect(try OffsetRange.list(text).map(\.description) == ranges)
    }

    @Test(arguments: [
        ("", OffsetRangeError.malformed("")), ("3", .malformed("3")), ("3:", .malformed("3:")),
        ("3:-5", .malformed("3:-5")), ("x:1-2", .malformed("x:1-2")), ("3:1-2-3", .malformed("3:1-2-3")),
        ("3:1-2,", .malformed("")), ("-3:1-2", .malformed("-3:1-2")), ("+3:1-2", .malformed("+3:1-2")),
        ("3:9223372036854775807", .malformed("3:9223372036854775807")),
        ("2147483648:1-2", .malformed("2147483648:1-2")), ("3: 1-2", .malformed("3: 1-2")),
        ("3:5-4", .backwards(OffsetRange(partition: 3, first: 5, last: 4))), ("3:1-2,3:4-5", .twice(3)),
    ])
    func `what is no list is refused with what is wrong`(_ text: String, _ error: OffsetRangeError) {
        #expect(throws: error) { try OffsetRange.list(text) }
    }

    @Test
    func `no text brings it down`() {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let text = String(decoding: random.bytes(like: "0123456789:-,", countMax: 40), as: UTF8.self)
            guard let ranges = try? OffsetRange.list(text) else { continue }
            let again = ranges.map(\.description).joined(separator: ",")
            #expect((try? OffsetRange.list(again)) == ranges, "\(random): \(text)")
        }
    }
}
