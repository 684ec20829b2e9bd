import Foundation
import HTTPServer

/// A whole answer of a route.
package struct RoutedAnswer: Sendable {
    package let status: Int
    package let contentType: String
    package let body: [UInt8]
    private var fields: [(String, String)] = []

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package static func text(_ text: String, status: Int = 200) -> RoutedAnswer {
        RoutedAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array("\(text)\n".utf8))
    }

    /// The text is JSON already.
    package static func json(_ text: String, status: Int = 200) -> RoutedAnswer {
        RoutedAnswer(status: status, contentType: "application/json", body: Array("\(text)\n".utf8))
    }

    /// The same value gives the same bytes: members come in the order of their names.
    package static func json(encoding value: some Encodable, status: Int = 200) -> RoutedAnswer {
        json(jsonText(value), status: status)
    }

    package static func jsonText(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("What a route answers has no numbers that JSON has no words for.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// `{"error":"not_found"}`, with a sentence for people where there is more to say.
    package static func error(_ status: Int, _ error: String, message: String? = nil) -> RoutedAnswer {
        json(encoding: message.map { ["error": error, "message": $0] } ?? ["error": error], status: status)
    }

    static func error(_ error: RoutingError) -> RoutedAnswer {
        .error(error.status, error.name, message: error.message)
    }

    /// The same answer with one more header field.
    package func with(_ name: String, _ value: String) -> RoutedAnswer {
        var answer = self
        answer.fields.append((name, value))
        return answer
    }

    /// Nothing of these ports is kept by a cache or guessed to be a page.
    var head: ResponseHead {
        let own = [
            ("Content-Type", contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ]
        return ResponseHead(status: status, fields: own + fields)
    }
}
