import Foundation
import HTTPFraming
import Testing

@testable import Doctor
@testable import Receiver

/// What a sender is answered, byte by byte, and what docs/answers.md says of it.
struct AnswerTests {
    @Test
    func `each outcome's answer is as it always was`() throws {
        let answers = Answers()
        let text = Outcome.allCases.map { outcome in
            let head = String(decoding: answers.head(of: outcome).bytes, as: UTF8.self)
            let body = String(decoding: answers.body(of: outcome), as: UTF8.self)
            return "== \(outcome.rawValue)\n\(head)\n\(body)\n"
        }
        try Golden("answers.txt").expect(text.joined(separator: "\n").replacing("\r\n", with: "\n"))
    }

    @Test(arguments: Outcome.allCases)
    func `each outcome has its row in the table of answers`(outcome: Outcome) throws {
        let page = try String(contentsOf: Golden.repository.appending(path: "docs/answers.md"), encoding: .utf8)
        let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(outcome.rawValue)` |") }
        #expect(row?.contains(" \(outcome.status)") == true)
    }

    /// `doctor` tells the edge's answers from those of others by their words.
    @Test
    func `doctor knows the word of each outcome`() {
        #expect(URLReader.known == Set(Outcome.allCases.map(\.rawValue)))
    }

    @Test
    func `no answer sends the sender away for good`() {
        for outcome in Outcome.allCases {
            #expect(outcome.status != 429, "Notion pauses subscriptions that are answered 429")
            #expect(outcome.status != 410)
        }
    }
}
