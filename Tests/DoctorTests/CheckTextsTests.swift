import Foundation
import Testing

@testable import Doctor

/// The tables of texts, and the code that names their rows.
@Suite
struct CheckTextsTests {
    private static let tables = [
        KafkaCheck.texts, TopicsCheck.texts, TokensCheck.texts, ClockCheck.texts, TrafficCheck.texts, URLCheck.texts,
        EdgeCheck.texts, APICheck.texts, NotionCheck.texts,
    ]

    /// A name that has no row would end `doctor`, in a case that may be rare.
    @Test func `the code names every row, and no other`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Programs/Doctor").standardized
        let names = Self.tables.flatMap(\.rows.keys)
        #expect(names.count == Set(names).count && names.count > 90)
        var code = ""
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            code += try String(contentsOf: file, encoding: .utf8)
        }
        for name in names where !name.hasPrefix("topic_missing/") {
            #expect(code.contains("\"\(name)\""), "no code names \(name)")
        }
        for match in code.matches(of: /add\(\s*"([^"]+)"/) where !match.output.1.contains("\\") {
            #expect(names.contains(String(match.output.1)), "\(match.output.1) has no row")
        }
    }

    @Test func `a row has a name, a level, a link and texts`() throws {
        let texts = CheckTexts(
            """
            a_check/one error limits
              {what} is wrong
              it means
              do this
            fine ok
              all is {what}
            """
        )
        let row = try #require(texts.rows["a_check/one"])
        #expect(row.check == "a_check" && row.level == .error && row.link == .limits)
        #expect([row.title, row.meaning, row.advice] == ["{what} is wrong", "it means", "do this"])
        #expect(texts.rows["fine"]?.title == "all is {what}")
    }

    @Test func `a value that looks like a name in braces stays as it is`() {
        #expect(CheckTexts.fill("{a} and {b}, {", ["a": "{b}", "b": 2]) == "{b} and 2, {")
    }
}
