/// What happens to a streamed answer that its owner did not do.
package enum StreamEvent: Sendable, Equatable {
    /// After a write that was not taken whole: there is room again.
    case room
    case stopping
    /// The client left, or took nothing for the write deadline. The answer is over, and this is its last event.
    case gone
}

/// An answer of unknown length while it is written. What is written in one turn of the loop is sent at its end.
final class StreamedAnswer {
    private unowned let connection: Connection
    private unowned let loop: EventLoop
    private let onEvent: (StreamEvent) -> Void
    private let bytesMax: Int
    /// HTTP/1.1 gets chunks; the end of an HTTP/1.0 answer is the end of its connection (RFC 9112 section 6.3).
    private let isChunked: Bool

    private var pending: [UInt8] = []
    private var awaitsRoom = false
    private var isEnded = false
    private var isFramed = false
    private var isQueued = false

    init(
        on connection: Connection,
        of loop: EventLoop,
        bytesMax: Int,
        isChunked: Bool,
        onEvent: @escaping (StreamEvent) -> Void
    ) {
        self.connection = connection
        self.loop = loop
        self.bytesMax = bytesMax
        self.isChunked = isChunked
        self.onEvent = onEvent
    }

    var room: Int? { isEnded ? nil : max(0, bytesMax - pending.count - connection.heldBytes) }

    func write(_ bytes: Span<UInt8>) -> Int? {
        guard let room else { return nil }
        let count = min(bytes.count, room)
        if count < bytes.count { awaitsRoom = true }
        guard count > 0 else { return 0 }
        pending.reserveCapacity(pending.count + count)
        for index in 0..<count { pending.append(bytes[index]) }
        enqueue()
        return count
    }

    func end() {
        isEnded = true
        enqueue()
    }

    func endWithoutBody() {
        isEnded = true
        isFramed = true
    }

    func abandon() { if !isEnded { onEvent(.gone) } }

    /// Lets the owner write a last time and ends the answer.
    func stop() {
        guard !isEnded else { return }
        connection.closeAfterAnswer()
        onEvent(.stopping)
        guard isCurrent else { return }
        end()
    }

    private var isCurrent: Bool { connection.stream === self }
    private var hasNews: Bool { !pending.isEmpty || (isEnded && !isFramed) }

    func enqueue() {
        guard !isQueued else { return }
        isQueued = true
        loop.enqueue(self)
    }

    /// The end of the turn in which something was written.
    func flushQueued() {
        isQueued = false
        if isCurrent { flush() }
    }

    /// Sends what the socket takes. Also called when it takes more.
    func flush() {
        guard connection.heldBytes > 0 || hasNews else { return finishIfFramed() }
        guard connection.send(takeFramed) == .all else { return }
        finishIfFramed()
        guard isCurrent else { return }
        if hasNews { enqueue() }
        if awaitsRoom {
            awaitsRoom = false
            onEvent(.room)
        }
    }

    private func finishIfFramed() { if isFramed { connection.finishStream() } }

    /// All that is pending as one chunk, and the last chunk if nothing follows.
    private func takeFramed() -> [UInt8] {
        defer {
            pending.removeAll(keepingCapacity: true)
            isFramed = isEnded
        }
        guard isChunked else { return pending }
        var framed: [UInt8] = []
        if !pending.isEmpty {
            framed += "\(String(pending.count, radix: 16))\r\n".utf8
            framed += pending
            framed += "\r\n".utf8
        }
        if isEnded { framed += "0\r\n\r\n".utf8 }
        return framed
    }
}
