/// The fixed part of an answer, serialised once and sent many times.
///
/// `Date`, `Content-Length` and `Connection` are added when the answer is written, so they are no fields here.
package struct ResponseHead: Sendable {
    package let status: Int
    /// The status line and the fixed fields, without the empty line.
    package let bytes: [UInt8]
    /// The connection is closed after this answer.
    package let closes: Bool

    package init(status: Int, fields: [(String, String)] = [], close: Bool = false) {
        precondition((200...599).contains(status), "A final answer has a status from 200 to 599.")
        var text = "HTTP/1.1 \(status) \(Self.reason(of: status))\r\n"
        for (name, value) in fields {
            precondition(Self.isField(name, value), "A field is a token and a value without controls.")
            text += "\(name): \(value)\r\n"
        }
        self.status = status
        self.bytes = Array(text.utf8)
        self.closes = close
    }

    /// Status codes whose answers have no body and no Content-Length.
    package var hasNoBody: Bool { status == 204 || status == 304 }

    private static func isField(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { ASCII.isToken($0) }
            && value.utf8.allSatisfy { ASCII.isPlain($0) || $0 == ASCII.horizontalTab }
    }

    private static func reason(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Unnamed"
        }
    }
}
