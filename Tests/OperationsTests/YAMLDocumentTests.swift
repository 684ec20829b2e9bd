import TestSupport
import Testing

@testable import Operations

@Suite
struct YAMLDocumentTests {
    private func entries(_ text: String) throws(YAMLDocument.Refusal) -> [YAMLDocument.Entry] {
        try YAMLDocument(Array(text.utf8)).entries
    }

    @Test
    func `mappings become dotted paths with their lines`() throws {
        let text = """
            # Settings.
            topic: a
            kafka:
              bootstrap_servers: [b:1, "c:2"]
              options:
                linger.ms: 5
            limits:
            empty: {}
            quoted: "null"
            block: |
              two
              lines
            """
        #expect(
            try entries(text) == [
                .init(path: "topic", line: 2, value: .text("a")),
                .init(path: "kafka.bootstrap_servers", line: 4, value: .list(["b:1", "c:2"])),
                .init(path: "kafka.options.linger.ms", line: 6, value: .text("5")),
                .init(path: "limits", line: 7, value: .nothing),
                .init(path: "empty", line: 8, value: .nothing),
                .init(path: "quoted", line: 9, value: .text("null")),
                .init(path: "block", line: 10, value: .text("two\nlines")),
            ]
        )
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "---\n...\n", "{}", "\u{FEFF}"])
    func `a document of nothing has no entries`(text: String) throws {
        #expect(try entries(text) == [])
    }

    static let hostile: [(text: String, line: Int, reason: String)] = [
        ("a: &x 1\nb: *x\n", 1, "anchors (&name) are not supported"),
        ("a: &x {b: 1}\n", 1, "anchors (&name) are not supported"),
        ("a: &x [1]\n", 1, "anchors (&name) are not supported"),
        ("a: *x\n", 1, "aliases (*name) are not supported"),
        ("a: !!int 1\n", 1, "tags (!name) are not supported"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\nb: 2\na: 3\n", 3, "a stands twice, first in line 1"),
        ("a: {b: 1}\na.b: 2\n", 2, "a.b stands twice, first in line 1"),
        ("- a\n", 1, "expected `key: value`"),
        ("just a text\n", 1, "expected `key: value`"),
        ("a: [[1]]\n", 1, "a list holds texts, not lists or mappings"),
        ("a: [{b: 1}]\n", 1, "a list holds texts, not lists or mappings"),
        ("? [a]\n: 1\n", 1, "a key is neither a list nor a mapping"),
        ("? {a: 1}\n: 1\n", 1, "a key is neither a list nor a mapping"),
        ("\"a b\": 1\n", 1, "a key is 1 to 200 visible ASCII characters"),
        ("\"\": 1\n", 1, "a key is 1 to 200 visible ASCII characters"),
        ("ä: 1\n", 1, "a key is 1 to 200 visible ASCII characters"),
        ("a: 1\n\tb: 2\n", 2, "found a tab character that violates indentation"),
        ("a: \"open\n", 2, "found unexpected end of stream"),
        ("a: [1, 2\n", 2, "did not find expected ',' or ']'"),
        ("a: b: c\n", 1, "mapping values are not allowed in this context"),
        ("a: \u{1}\n", 1, "control characters are not allowed"),
        (String(repeating: "{a: ", count: 17), 1, "nested deeper than 16"),
        (String(repeating: "[", count: 100_000), 1, "expected `key: value`"),
    ]

    @Test(arguments: hostile)
    func `what means more than it shows is refused`(text: String, line: Int, reason: String) {
        #expect(throws: YAMLDocument.Refusal(line: line, reason: reason)) { try entries(text) }
    }

    @Test
    func `limits hold`() {
        let large = Array(repeating: UInt8(ascii: "#"), count: YAMLDocument.bytesMax + 1)
        #expect(throws: YAMLDocument.Refusal(line: 1, reason: "the file is larger than 256KiB")) {
            try YAMLDocument(large)
        }
        #expect(throws: YAMLDocument.Refusal(line: 1, reason: "the file is not UTF-8")) {
            try YAMLDocument([0x61, 0x3A, 0x20, 0xFF])
        }
        let many = (0...YAMLDocument.entriesMax).map { "k\($0): 1\n" }.joined()
        #expect(throws: YAMLDocument.Refusal(line: 2001, reason: "more than 2000 entries")) { try entries(many) }
        let long = "a: [" + String(repeating: "1,", count: 2001) + "]"
        #expect(throws: YAMLDocument.Refusal(line: 1, reason: "too long a list")) { try entries(long) }
    }

    @Test
    func `no bytes bring the reader down`() {
        var generator = SeededGenerator()
        for _ in 0..<5000 {
            let bytes = generator.bytes(like: "ab:1 \n-[]{},\"'#&*!|>?%\t", countMax: 60)
            guard let document = try? YAMLDocument(bytes) else { continue }
            #expect(Set(document.entries.map(\.path)).count == document.entries.count, "seed \(generator.seed)")
        }
    }
}
