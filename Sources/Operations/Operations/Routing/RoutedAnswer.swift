import HTTPServer
import TextOutput

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
        json(SortedJSON.text(value), status: status)
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

/// A request that a route turns down: a status from 400 to 499, a name for programs and a sentence for people.
package struct RoutingError: Error, Equatable, Sendable {
    package let status: Int
    package let name: String
    package let message: String

    package init(status: Int, name: String, message: String) {
        precondition((400...499).contains(status), "What a client did wrong has a status from 400 to 499.")
        self.status = status
        self.name = name
        self.message = message
    }

    static func badParameter(_ name: String, _ message: String) -> RoutingError {
        RoutingError(status: 400, name: "bad_parameter", message: "\(name): \(message)")
    }
}
