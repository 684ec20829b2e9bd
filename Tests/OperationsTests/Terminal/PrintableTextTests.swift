import TestSupport
import Testing

@testable import Operations

@Suite
struct PrintableTextTests {
    private static let scalars: [(Unicode.Scalar, Bool)] = [
        ("\u{0}", true), ("\u{7}", true), ("\n", true), ("\u{1B}", true), ("\u{7F}", true), ("\u{85}", true),
        ("\u{9B}", true), ("\u{200E}", true), ("\u{202E}", true), ("\u{2028}", true), ("\u{2066}", true),
        ("\u{FEFF}", true), ("\u{E0041}", true), ("\u{AD}", true),
        (" ", false), ("~", false), ("é", false), ("字", false), ("\u{1F600}", false), ("\u{A0}", false),
    ]

    @Test(arguments: scalars)
    func `what a terminal obeys is told from letters`(scalar: Unicode.Scalar, isHarmful: Bool) {
        #expect(PrintableText.isHarmful(scalar) == isHarmful)
    }

    @Test(arguments: [
        ("abc", 3, "abc", 3), ("abcd", 3, "ab…", 3), ("abc", 0, "", 0), ("abc", 1, "…", 1), ("", 5, "", 0),
        ("a\u{1B}[31mb", 80, "a·[31mb", 7), ("字字", 4, "字字", 4), ("字字", 3, "字…", 3), ("字字", 2, "…", 1),
        ("a\u{202E}b", 3, "a·b", 3),
    ])
    func `a text is cut to columns`(text: String, columns: Int, cut: String, width: Int) {
        let result = PrintableText.cut(text, columns: columns)
        #expect(result.text == cut)
        #expect(result.columns == width)
    }

    @Test
    func `whatever comes, nothing harmful is left and the limit holds`() {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let bytes = random.bytes(like: "ab字\u{1B}\u{202E}\u{9B}é", countMax: 40)
            let columns = Int.random(in: 0...20, using: &random)
            let result = PrintableText.cut(String(decoding: bytes, as: UTF8.self), columns: columns)
            #expect(result.columns <= columns, "\(random)")
            #expect(!result.text.unicodeScalars.contains { PrintableText.isHarmful($0) }, "\(random)")
        }
    }
}
