internal import HTTPServer

/// An answer of the operations port.
package struct OperationsResponse: Sendable {
    package let status: Int
    package let contentType: String
    package let body: [UInt8]

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    package static func text(_ text: String, status: Int = 200) -> OperationsResponse {
        OperationsResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array("\(text)\n".utf8))
    }

    /// The text is JSON already.
    package static func json(_ text: String, status: Int = 200) -> OperationsResponse {
        OperationsResponse(status: status, contentType: "application/json", body: Array("\(text)\n".utf8))
    }

    package static func error(_ status: Int, _ error: String) -> OperationsResponse {
        json("{\"error\":\(JSONText.quoted(error))}", status: status)
    }

    /// Nothing of this port is kept by a cache or guessed to be a page.
    func head(allow: String? = nil) -> ResponseHead {
        var fields = [
            ("Content-Type", contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ]
        if let allow { fields.append(("Allow", allow)) }
        return ResponseHead(status: status, fields: fields)
    }
}
