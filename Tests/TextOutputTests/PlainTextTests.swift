import TestSupport
import Testing
import TextOutput

@Suite
struct PlainTextTests {
    private static let scalars: [(Unicode.Scalar, Bool)] = [
        ("\u{0}", true), ("\u{7}", true), ("\n", true), ("\u{1B}", true), ("\u{7F}", true), ("\u{85}", true),
        ("\u{9B}", true), ("\u{200E}", true), ("\u{202E}", true), ("\u{2028}", true), ("\u{2066}", true),
        ("\u{FEFF}", true), ("\u{E0041}", true), ("\u{AD}", true),
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
        (Int64(0), "0ms"), (999, "999ms"), (1000, "1s"), (59_999, "59s"), (60_000, "1m 0s"), (3_599_999, "59m 59s"),
        (3_600_000, "1h 0m"), (86_399_999, "23h 59m"), (86_400_000, "1d 0h"), (Int64.max, "106751991167d 7h"),
    ])
    func `an age has its two largest units`(milliseconds: Int64, text: String) {
        #expect(PlainText.age(milliseconds) == text)
    }
}
