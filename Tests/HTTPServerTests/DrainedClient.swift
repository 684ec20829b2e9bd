import HTTPServer
import TestSupport

/// A client that posts until the server's port is closed, in one of several manners, and notes what became of each
/// request.
struct DrainedClient {
    enum Manner: CaseIterable {
        /// One request after the other.
        case steady
        /// Several requests in one piece before the first answer is read.
        case pipelining
        /// Each request in pieces, with turns of the server between them.
        case dribbling
        /// Closes its sending side behind its last request.
        case halfClosing
        /// Closes its sending side within a body.
        case breakingOff
        /// Asks for the connection's end with each request.
        case closing
        /// Large answers into a small receive buffer.
        case slowReading
        /// The same, and sends the next request before it has taken the answer.
        case hurrying
        /// Asks once, then waits to be closed.
        case idling
        /// Connects and says nothing while the server runs.
        case silent
    }

    let name: String
    let manner: Manner
    let port: Int
    let record: DrainRecord
    private var generator: SeededGenerator
    private var count = 0

    init(name: String, manner: Manner, port: Int, record: DrainRecord, seed: UInt64) {
        self.name = name
        self.manner = manner
        self.port = port
        self.record = record
        generator = SeededGenerator(seed: seed)
    }

    /// Until the server takes no more connections.
    mutating func run() {
        let buffer: Int32? = [.slowReading, .hurrying].contains(manner) ? 4096 : nil
        while !record.now.hasEnded, let client = try? TestClient(port: port, receiveBufferBytes: buffer) {
            while converse(client) {}
            client.close()
        }
    }

    /// One request, or one batch of them. Returns whether the connection is good for more.
    private mutating func converse(_ client: TestClient) -> Bool {
        switch manner {
        case .steady:
            return exchange(client, requests: 1)
        case .slowReading:
            return exchange(client, requests: 1, answerBytes: largeBytes())
        case .hurrying:
            return exchange(client, requests: 2, answerBytes: largeBytes(), pieces: 2)
        case .pipelining:
            return exchange(client, requests: Int.random(in: 2...8, using: &generator))
        case .dribbling:
            return exchange(client, requests: 1, pieces: Int.random(in: 2...5, using: &generator))
        case .closing:
            return exchange(client, requests: 1, fields: "Connection: close\r\n")
        case .halfClosing:
            return exchange(client, requests: Int.random(in: 1...3, using: &generator), finishes: true)
        case .breakingOff:
            breakOff(client)
            return false
        case .idling:
            return exchange(client, requests: 1) && !expectEnd(client)
        case .silent:
            // The kernel may have completed this handshake while the listener closed, and then nobody has the
            // connection: only a byte finds that out.
            record.waitForEnd()
            client.send("x")
            return !expectEnd(client)
        }
    }

    private mutating func exchange(
        _ client: TestClient,
        requests: Int,
        answerBytes: Int = 0,
        pieces: Int = 1,
        fields: String = "",
        finishes: Bool = false
    ) -> Bool {
        var names: [String] = []
        var bytes: [UInt8] = []
        for _ in 0..<requests {
            let request = nextName()
            names.append(request)
            bytes += Self.request(request, answerBytes: answerBytes, fields: fields)
        }
        send(bytes, of: names[0], to: client, pieces: pieces)
        if finishes { client.finishSending() }
        var isOpen = true
        for name in names {
            isOpen = isOpen && noteAnswer(of: name, from: client, bytes: answerBytes)
            // What stands behind the answer that closes must not have been handled: it has no answer.
            if !isOpen { record.note { if $0.outcomes[name] == nil { $0.outcomes[name] = .unanswered } } }
        }
        if !isOpen || finishes { _ = expectEnd(client) }
        return isOpen && !finishes
    }

    /// A first piece which the server has read before it was told to stop makes the first request one that it owes an
    /// answer.
    private mutating func send(_ bytes: [UInt8], of first: String?, to client: TestClient, pieces: Int) {
        var cuts = (1..<pieces).map { _ in Int.random(in: 1..<bytes.count, using: &generator) }.sorted()
        cuts.append(bytes.count)
        var start = 0
        for cut in cuts {
            if start > 0 {
                record.wait(ticks: Int.random(in: 2...5, using: &generator))
                record.note { if let first, !$0.isDraining { $0.begun.insert(first) } }
            }
            client.send(Array(bytes[start..<cut]))
            start = cut
        }
    }

    // Limit: more than a socket's send buffer takes at once, so that the server has to wait for the reader.
    private mutating func largeBytes() -> Int { Int.random(in: 1...3_000_000, using: &generator) }

    /// Returns whether the connection stays open behind the answer.
    private func noteAnswer(of name: String, from client: TestClient, bytes: Int) -> Bool {
        do {
            guard let answer = try client.answerIfAny() else {
                note(name, .unanswered)
                return false
            }
            let padding = String(repeating: "x", count: bytes)
            let closes = answer.fields["connection"] == "close"
            switch answer.body {
            case "\(name) serving\n\(padding)" where answer.status == 200:
                note(name, .answered)
            case "\(name) draining\n\(padding)" where answer.status == 200 && closes:
                note(name, .answered)
            default:
                note(name, .wrong("\(answer.status) \(answer.fields) \(answer.body.prefix(80))"))
            }
            return !closes
        } catch {
            note(name, .wrong("\(error)"))
            return false
        }
    }

    private mutating func breakOff(_ client: TestClient) {
        let request = nextName()
        let bytes = Self.request(request, answerBytes: 0, fields: "")
        send(Array(bytes.dropLast()), of: nil, to: client, pieces: 2)
        client.finishSending()
        do {
            let answer = try client.answerIfAny()
            note(request, answer.map { .refused($0.status) } ?? .unanswered)
        } catch {
            note(request, .wrong("\(error)"))
        }
        _ = expectEnd(client)
    }

    /// Nothing more comes. Always true, so that callers can end with it.
    private func expectEnd(_ client: TestClient) -> Bool {
        let rest = (try? client.rest()) ?? "nothing, and no end"
        if !rest.isEmpty { note("\(name) at the end", .wrong(rest)) }
        return true
    }

    private func note(_ request: String, _ outcome: DrainRecord.Outcome) {
        record.note { $0.outcomes[request] = outcome }
    }

    private mutating func nextName() -> String {
        count += 1
        return "\(name)-\(count)"
    }

    private static func request(_ name: String, answerBytes: Int, fields: String) -> [UInt8] {
        let head = "POST /\(answerBytes) HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(name.utf8.count)\r\n\r\n"
        return Array((head + name).utf8)
    }
}
