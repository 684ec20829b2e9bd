import HTTPServer

/// The clients of one route of server-sent events, on one loop.
final class EventFeed {
    struct Source: Sendable {
        let clientsMax: Int
        let make: @Sendable () -> [ServerSentEvent]
    }

    private let loop: EventLoop
    private let source: Source
    private var clients: [Exchange] = []
    private let head = ResponseHead(
        status: 200,
        fields: [
            ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ]
    )

    init(loop: EventLoop, source: Source) {
        self.loop = loop
        self.source = source
    }

    /// Answers with the stream, whose first events come at once.
    func begin(_ exchange: Exchange) {
        guard clients.count < source.clientsMax else {
            let answer = RoutedAnswer.error(503, "too_many_clients").with("Retry-After", "10")
            return loop.respond(exchange, answer.head, body: answer.body.span)
        }
        let begun = loop.beginStream(exchange, head) { [weak self] event in
            if event != .room { self?.clients.removeAll { $0 == exchange } }
        }
        guard begun else { return }
        clients.append(exchange)
        write(text(), to: [exchange])
    }

    func tick() {
        guard !clients.isEmpty else { return }
        write(text(), to: clients)
    }

    private func text() -> [UInt8] {
        let events = source.make()
        return Array((events.isEmpty ? ServerSentEvent.heartbeat : events.map(\.text).joined()).utf8)
    }

    /// Whole events only: a client whose buffer has no room for them misses them.
    private func write(_ bytes: [UInt8], to clients: [Exchange]) {
        for client in clients where bytes.count <= loop.streamRoom(client) ?? 0 {
            _ = loop.writeStream(client, bytes.span)
        }
    }
}

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
