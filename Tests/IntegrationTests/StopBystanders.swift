import TestSupport
import Testing

/// Two clients that are connected while an edge is told to stop: one between two requests, one within a body.
struct StopBystanders {
    private let port: Int
    private let idle: LoopbackConnection
    private let posting: LoopbackConnection
    private let delivery: [UInt8]

    /// Nil when the edge does not take them or does not answer the first one.
    init?(port: Int, token: String) async {
        guard let idle = LoopbackConnection(port: port), let posting = LoopbackConnection(port: port) else {
            return nil
        }
        self.port = port
        self.idle = idle
        self.posting = posting
        delivery = SignedDelivery(token: token).request(path: "/notion/webhooks")
        await posting.send(Array(delivery.dropLast()))
        await idle.send(delivery)
        let answer = await idle.receive { Self.isWhole($0) }
        guard answer.end == .satisfied else { return nil }
    }

    /// The one that asks nothing is closed without a byte; the other one's request is still taken, and answered as the
    /// connection's last.
    func expectTheirDue() async {
        let (text, end) = await idle.receiveAll()
        #expect(text.isEmpty && end == .closed, "\(text)")
        #expect(LoopbackConnection(port: port) == nil, "the port is closed before the idle connections are")
        await posting.send([delivery[delivery.count - 1]])
        let (answer, _) = await posting.receiveAll(within: .seconds(15))
        #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("\r\nConnection: close\r\n"), "\(answer)")
    }

    /// The edge's answers to deliveries have no body, or a short one behind the empty line.
    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n")
    }
}
