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
