import Foundation
import HTTPClient
import HTTPFraming
import HTTPServer
import NotionWebhooks
import Testing

@testable import Doctor
@testable import Receiver

/// What a sender is answered, byte by byte, and what docs/answers.md says of it.
struct AnswerTests {
    private let answers = Answers()

    @Test
    func `each outcome's answer is as it always was`() throws {
        let outcomes = DeliveryOutcome.allCases.map { outcome in
            Self.text(outcome.rawValue, (answers.head(of: outcome), answers.body(of: outcome)))
        }
        let refusals = Refusal.allCases.map { Self.text("refused: \($0.rawValue)", answers.answer(to: $0)) }
        try Golden("answers.txt").expect((outcomes + refusals).joined(separator: "\n"))
    }

    private static func text(_ name: String, _ answer: (head: ResponseHead, body: [UInt8])) -> String {
        let head = String(decoding: answer.head.bytes, as: UTF8.self).replacing("\r\n", with: "\n")
        return "== \(name)\n\(head)\n\(String(decoding: answer.body, as: UTF8.self))\n"
    }

    @Test(arguments: DeliveryOutcome.allCases)
    func `each outcome has its row in the table of answers`(outcome: DeliveryOutcome) throws {
        let page = try String(contentsOf: Golden.repository.appending(path: "docs/answers.md"), encoding: .utf8)
        let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(outcome.rawValue)` |") }
        #expect(row?.contains(" \(outcome.status)") == true)
    }

    @Test(arguments: Refusal.allCases)
    func `a refusal's outcome has the status that any server of ours gives it`(refusal: Refusal) {
        #expect(DeliveryOutcome(refusal).status == refusal.status)
    }

    /// `doctor` tells the edge's answers from those of others by their words.
    @Test
    func `doctor knows the word of each outcome`() {
        for outcome in DeliveryOutcome.allCases {
            let response = ClientResponse(status: outcome.status, body: answers.body(of: outcome))
            #expect(URLReader.outcome(response) == outcome.rawValue)
        }
        for refusal in Refusal.allCases {
            let (head, body) = answers.answer(to: refusal)
            let word = URLReader.outcome(ClientResponse(status: head.status, body: body))
            #expect(word == DeliveryOutcome(refusal).rawValue)
        }
        #expect(URLReader.outcome(ClientResponse(status: 404, body: Array(#"{"error":"no such route"}"#.utf8))) == nil)
    }

    @Test
    func `no answer sends the sender away for good`() {
        for outcome in DeliveryOutcome.allCases {
            #expect(outcome.status != 429, "Notion pauses subscriptions that are answered 429")
            #expect(outcome.status != 410)
        }
    }
}
