import Foundation
import TestSupport
import Testing
import TextOutput

@Suite
struct SortedJSONTests {
    private struct Value: Codable, Equatable {
        var lastSeen: String?
        var aList: [Int] = []
        var url = "https://a/b"
    }

    @Test
    func `names are sorted, slashes stay, and what is nil is left out`() {
        #expect(SortedJSON.text(Value(aList: [2, 1])) == #"{"aList":[2,1],"url":"https://a/b"}"#)
        #expect(
            SortedJSON.text(Value(lastSeen: "é"), inSnakeCase: true)
                == #"{"a_list":[],"last_seen":"é","url":"https://a/b"}"#
        )
    }

    @Test(arguments: [
        ("\u{1B}[2J\n\"", #"["\u001b[2J\n\""]"#), ("\u{7F}\u{9B}", #"["\u007f\u009b"]"#),
        ("\u{202E}\u{2028}\u{FEFF}", #"["\u202e\u2028\ufeff"]"#), ("\u{E0041}", #"["\udb40\udc41"]"#),
        ("字é😀", #"["字é😀"]"#),
    ])
    func `a text for a terminal escapes what is harmful there`(text: String, json: String) {
        #expect(SortedJSON.text([text]) == json)
    }

    @Test
    func `bytes for programs and the text for a terminal are the same value`() throws {
        var random = SeededGenerator()
        let decoder = JSONDecoder()
        for _ in 0..<2000 {
            let bytes = random.bytes(like: "a\\\"/\u{0}\u{1B}\u{9B}\u{2028}\u{E0041}字😀", countMax: 40)
            let value = [String(decoding: bytes, as: UTF8.self)]
            let text = SortedJSON.text(value)
            #expect(!text.unicodeScalars.contains(where: PlainText.isHarmful), "\(random)")
            #expect(try decoder.decode([String].self, from: Data(text.utf8)) == value, "\(random)")
            #expect(try decoder.decode([String].self, from: Data(SortedJSON.bytes(value))) == value, "\(random)")
        }
    }
}
