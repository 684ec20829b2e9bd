/// The fixed part of an answer, serialised once and sent many times. `Date`, `Content-Length` and `Connection` are
/// added when it is written, so they are not among its fields.
package struct ResponseHead: Sendable {
    package let status: Int
    /// The status line and the fixed fields, without the empty line.
    package let bytes: [UInt8]
    package let closes: Bool
    /// The request was a known sender's, so that its connection is kept before those of strangers.
    package let proves: Bool

    package init(status: Int, fields: [(String, String)] = [], close: Bool = false, proves: Bool = false) {
        precondition((200...599).contains(status), "A final answer has a status from 200 to 599.")
        var text = "HTTP/1.1 \(status) \(Self.reason(of: status))\r\n"
        for (name, value) in fields {
            precondition(Self.isField(name, value), "A field is a token and a value without controls.")
            text += "\(name): \(value)\r\n"
        }
        self.status = status
        self.bytes = Array(text.utf8)
        self.closes = close
        self.proves = proves
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
        case 421: "Misdirected Request"
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

/// Writes the `Date` field: IMF-fixdate of RFC 9110 section 5.6.7.
package enum DateField {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let template = Array("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n".utf8)

    package static func line(secondsSince1970 seconds: Int) -> [UInt8] {
        var line = template
        write(secondsSince1970: seconds, into: &line)
        return line
    }

    /// Writes over a line that was made before, so that a server allocates nothing when a second has passed.
    package static func write(secondsSince1970 seconds: Int, into line: inout [UInt8]) {
        precondition(line.count == template.count, "Every line is as long as the first.")
        let days = seconds / 86_400
        let second = seconds % 86_400
        let (year, month, day) = civil(daysSince1970: days)
        write(weekdays[days % 7], at: 6, into: &line)
        write(day, at: 11, into: &line)
        write(months[month - 1], at: 14, into: &line)
        write(year / 100, at: 18, into: &line)
        write(year % 100, at: 20, into: &line)
        write(second / 3600, at: 23, into: &line)
        write(second / 60 % 60, at: 26, into: &line)
        write(second % 60, at: 29, into: &line)
    }

    private static func write(_ name: String, at index: Int, into line: inout [UInt8]) {
        for (offset, byte) in name.utf8.enumerated() { line[index + offset] = byte }
    }

    private static func write(_ number: Int, at index: Int, into line: inout [UInt8]) {
        line[index] = ASCII.zero + UInt8(truncatingIfNeeded: number / 10)
        line[index + 1] = ASCII.zero + UInt8(truncatingIfNeeded: number % 10)
    }

    /// Counts in years that begin in March, so that the leap day is a year's last.
    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}
