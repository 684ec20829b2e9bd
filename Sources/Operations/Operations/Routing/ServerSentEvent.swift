/// One event of a `text/event-stream` (the HTML standard, section "Server-sent events").
package struct ServerSentEvent: Equatable, Sendable {
    /// What the browser's listener is registered for; nil is `message`.
    package let name: String?
    /// Text of any number of lines.
    package let data: String

    package init(name: String? = nil, data: String) {
        precondition(name?.utf8.allSatisfy { $0 != 0x0A && $0 != 0x0D } ?? true, "A name is one line.")
        self.name = name
        self.data = data
    }

    /// Each line of the data has a field of its own, whatever ends the lines.
    package var text: String {
        var text = name.map { "event: \($0)\n" } ?? ""
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isEventLineEnd) {
            text += "data: \(line)\n"
        }
        return text + "\n"
    }

    /// What keeps a connection alive, and finds those that are dead, without being an event.
    static let heartbeat = ": heartbeat\n\n"
}

extension Character {
    /// CRLF is one character in Swift and one line end there.
    fileprivate var isEventLineEnd: Bool { self == "\n" || self == "\r" || self == "\r\n" }
}
