import Kafka
import Operations
import RecordOutput
import TestSupport
import Testing

@Suite
struct RecordTemplateTests {
    private static let record = Record(
        topic: "t",
        partition: 3,
        offset: 41,
        timestampMilliseconds: 1000,
        key: Array("ké".utf8),
        headers: [
            .init(name: "a", value: Array("1".utf8)), .init(name: "b", value: nil), .init(name: "a", value: [0xFF]),
        ],
        value: [0, 1, 0xFE]
    )
    private static let bare = Record(topic: "t", key: nil, value: nil)

    @Test(arguments: [
        ("%t/%p@%o %T\\n", Array("t/3@41 1000\n".utf8)), ("%k %K", Array("ké 3".utf8)), ("%s", [0, 1, 0xFE]),
        ("%S", Array("3".utf8)), ("%R", [0, 0, 0, 3]), ("%h", Array("a=1,b=NULL,a=".utf8) + [0xFF]), ("%{a}", [0xFF]),
        ("%{b}%{none}", []), ("%%k", Array("%k".utf8)), ("\\n\\r\\t\\\\\\x00\\xfF", [10, 13, 9, 0x5C, 0, 0xFF]),
        ("ö", Array("ö".utf8)), ("}{", Array("}{".utf8)), (".", [0x2E]),
    ])
    func `tokens become parts of the record, and nothing is added`(format: String, bytes: [UInt8]) throws {
        #expect(try write(Self.record, format) == bytes)
    }

    @Test(arguments: [
        ("%p %o %T %K %S", Array("-1 -1 -1 -1 -1".utf8)), ("%k%s%h%{a}", []), ("%R", [255, 255, 255, 255]),
    ])
    func `what a record does not have is -1 or nothing`(format: String, bytes: [UInt8]) throws {
        #expect(try write(Self.bare, format) == bytes)
    }

    @Test(arguments: [
        ("%k %q", "--format: %q at character 4 is not a token; "), ("%", "--format: % at character 1 is not a token; "),
        ("a\\z", "--format: \\z at character 2 is not an escape; "), ("é\\", "--format: \\ at character 2 is not "),
        ("\\x1", "--format: \\x1 at character 1 is not an escape; "), ("\\xg0", "--format: \\xg at character 1 "),
        ("%{a", "--format: %{a at character 1 is not a token; "), ("%{}", "--format: %{} at character 1 is not "),
        ("%\u{202E}", "--format: %· at character 1 is not a token; "), ("tabel", "--format: write table, json, or "),
        ("JSON", "--format: write table, json, or "),
    ])
    func `what is not known is named, and what is known is listed`(format: String, beginning: String) {
        let error = #expect(throws: UsageError.self) { try RecordFormat(format) }
        #expect(error?.description.hasPrefix(beginning) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("%t topic") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test
    func `no text stops the program`() {
        var random = SeededGenerator()
        var good = 0
        for _ in 0..<20_000 {
            let text = String(decoding: random.bytes(like: "%%%%tpoTkKsSRh{a}\\nx0", countMax: 12), as: UTF8.self)
            guard let format = try? RecordFormat(text) else { continue }
            good += 1
            var buffer: [UInt8] = []
            format.write(Self.record, to: &buffer)
            format.write(Self.bare, to: &buffer)
        }
        #expect(good > 1000, "\(random)")
    }

    private func write(_ record: Record, _ format: String) throws -> [UInt8] {
        var buffer: [UInt8] = []
        try RecordFormat(format).write(record, to: &buffer)
        return buffer
    }
}
