import Kafka
import Operations
import RecordOutput
import TestSupport
import Testing

@Suite
struct RecordSearchTests {
    private static let record = Record(
        topic: "topic",
        key: Array("key-1".utf8),
        headers: [.init(name: "name", value: Array("header-2".utf8)), .init(name: "b", value: nil)],
        value: Array("{\"id\":\"value-3\",\"x\":\"Plan é\"}".utf8) + [0xFF]
    )

    @Test(arguments: [
        ("key-1", true), ("header-2", true), ("value-3", true), ("é", true), ("\"x\":\"Pl", true), ("y-1", true),
        ("name", false), ("topic", false), ("VALUE", false), ("value-4", false), ("key-1header", false),
        ("^key-\\d$", true), ("(?i)VALUE", true), ("value-[4-9]", false), ("l.n .", true), ("a|header", true),
        ("^header-2$", true), ("\\u{FFFD}", true),
    ])
    func `a pattern is found in key, header values and value`(pattern: String, isFound: Bool) throws {
        #expect(try RecordSearch(pattern).isFound(in: Self.record) == isFound)
    }

    @Test(arguments: [
        ("a(b", 4), ("*a", 1), ("ab[", 3), ("é\\q", 3), ("a{3,1}", 1),
    ])
    func `a wrong pattern is refused with its place`(pattern: String, place: Int) {
        let error = #expect(throws: UsageError.self) { try RecordSearch(pattern) }
        let beginning = "--grep: is not a regular expression at character \(place)"
        #expect(error?.description.hasPrefix(beginning) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: ["", String(repeating: "a", count: 1025)])
    func `a pattern without bounds is refused`(pattern: String) {
        #expect(throws: UsageError.self) { try RecordSearch(pattern) }
    }

    @Test
    func `a plain pattern finds what String finds`() throws {
        var random = SeededGenerator()
        for _ in 0..<3000 {
            let value = random.bytes(like: "aab", countMax: 12).filter { $0 < 0x80 }
            let pattern = random.bytes(like: "aab", countMax: 3).filter { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            guard !pattern.isEmpty else { continue }
            let search = try RecordSearch(String(decoding: pattern, as: UTF8.self))
            let isFound = value.indices.contains { value[$0...].starts(with: pattern) }
            #expect(search.isFound(in: Record(topic: "t", key: nil, value: value)) == isFound, "\(random)")
        }
    }

    @Test
    func `no pattern stops the program`() {
        var random = SeededGenerator()
        for _ in 0..<1000 {
            let text = String(decoding: random.bytes(like: "ab(|)[-]{1,}?*+\\^$.d<", countMax: 8), as: UTF8.self)
            _ = (try? RecordSearch(text))?.isFound(in: Record(topic: "t", key: [0x61], value: [0x62]))
        }
    }
}
