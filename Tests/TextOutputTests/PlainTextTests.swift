import TestSupport
import Testing
import TextOutput

@Suite
struct PlainTextTests {
    private static let scalars: [(Unicode.Scalar, Bool)] = [
        ("\u{0}", true), ("\u{7}", true), ("\n", true), ("\u{1B}", true), ("\u{7F}", true), ("\u{85}", true),
        ("\u{9B}", true), ("\u{200E}", true), ("\u{202E}", true), ("\u{2028}", true), ("\u{2066}", true),
        ("\u{FEFF}", true), ("\u{E0041}", true), ("\u{AD}", true), ("\u{200B}", true), ("\u{200D}", true),
        ("\u{2029}", true), ("\u{2060}", true), ("\u{FFF9}", true), ("\u{FFFB}", true), ("\u{E0001}", true),
        ("\u{FE0F}", true), ("\u{E0100}", true), ("\u{3164}", true), ("\u{115F}", true), ("\u{34F}", true),
        ("\u{61C}", true), ("\u{180E}", true), ("\u{FFFD}", false), ("\u{301}", false),
        (" ", false), ("~", false), ("é", false), ("字", false), ("\u{1F600}", false), ("\u{A0}", false),
    ]

    @Test(arguments: scalars)
    func `what a terminal obeys is told from letters`(scalar: Unicode.Scalar, isHarmful: Bool) {
        #expect(PlainText.isHarmful(scalar) == isHarmful)
    }

    @Test(arguments: [
        ("abc", 3, "abc", 3), ("abcd", 3, "ab…", 3), ("abc", 0, "", 0), ("abc", 1, "…", 1), ("", 5, "", 0),
        ("a\u{1B}[31mb", 80, "a·[31mb", 7), ("字字", 4, "字字", 4), ("字字", 3, "字…", 3), ("字字", 2, "…", 1),
        ("a\u{202E}b", 3, "a·b", 3),
    ])
    func `a text is cut to columns`(text: String, columns: Int, cut: String, width: Int) {
        let result = PlainText.cut(text, columns: columns)
        #expect(result.text == cut)
        #expect(result.columns == width)
    }

    @Test
    func `whatever comes, nothing harmful is left and the limit holds`() {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let bytes = random.bytes(like: "ab字\u{1B}\u{202E}\u{9B}é", countMax: 40)
            let columns = Int.random(in: 0...20, using: &random)
            let result = PlainText.cut(String(decoding: bytes, as: UTF8.self), columns: columns)
            #expect(result.columns <= columns, "\(random)")
            #expect(!result.text.unicodeScalars.contains { PlainText.isHarmful($0) }, "\(random)")
        }
    }

    @Test(arguments: [
        ("one\ttwo\nthree", "one\ttwo\nthree", "one·two·three"), ("\u{1B}]0;x\u{7}", "·]0;x·", "·]0;x·"),
        ("a\r\nb", "a·\nb", "a··b"), ("e\u{301}\u{200D}e", "e\u{301}·e", "e\u{301}·e"), ("", "", ""),
        ("\u{202E}gpj.exe", "·gpj.exe", "·gpj.exe"), ("plain 字", "plain 字", "plain 字"),
    ])
    func `a dot stands for each harmful character, and only lines of our own may end`(
        text: String,
        lines: String,
        word: String
    ) {
        #expect(PlainText.lines(text) == lines)
        #expect(PlainText.word(text) == word)
    }

    @Test(arguments: [
        ("a\u{1B}b", 9, "a b"), ("a\u{202E}b", 9, "a·b"), ("字字", 5, "字"), ("abc", 0, ""), ("a\nb", 2, "a "),
    ])
    func `a text is cut to bytes between two characters`(text: String, bytesMax: Int, cut: String) {
        #expect(PlainText.cut(text, bytesMax: bytesMax) == cut)
    }

    @Test(arguments: [
        ([], "0x"), (Array("key".utf8), "key"), ([0xFF, 0x0A], "0xff0a"), (Array("a\u{200B}".utf8), "0x61e2808b"),
    ])
    func `bytes are text only if nothing of it is harmful`(bytes: [UInt8], shown: String) {
        #expect(PlainText.shown(bytes) == shown)
    }

    @Test(arguments: [
        (Int64(0), "0ms"), (999, "999ms"), (1000, "1s"), (59_999, "59s"), (60_000, "1m 0s"), (3_599_999, "59m 59s"),
        (3_600_000, "1h 0m"), (86_399_999, "23h 59m"), (86_400_000, "1d 0h"), (Int64.max, "106751991167d 7h"),
    ])
    func `an age has its two largest units`(milliseconds: Int64, text: String) {
        #expect(PlainText.age(milliseconds) == text)
    }
}
