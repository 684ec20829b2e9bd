/// What happens to a streamed answer that its owner did not do.
package enum StreamEvent: Sendable, Equatable {
    /// After a write that was not taken whole: there is room again.
    case room
    /// The server stops. What is written from within this call still goes out; then the server ends the answer.
    case stopping
    /// The client left, or took nothing for the write deadline. The answer is over, and this is its last event.
    case gone
}

/// An answer of unknown length while it is under way. Only connections with one have it.
final class StreamedAnswer {
    let onEvent: (StreamEvent) -> Void
    /// HTTP/1.1 gets chunks; the end of an HTTP/1.0 answer is the end of its connection (RFC 9112 section 6.3).
    let isChunked: Bool

    /// Bytes of the answer that have no framing yet.
    private(set) var pending: [UInt8] = []
    /// The owner was told that a write was not taken whole.
    var awaitsRoom = false
    /// The owner writes no more.
    var isEnded = false
    /// The end of the framing is in the connection's output.
    private(set) var isFramed = false
    /// Waits in the loop's list of answers that have something to send.
    var isQueued = false

    init(isChunked: Bool, onEvent: @escaping (StreamEvent) -> Void) {
        self.isChunked = isChunked
        self.onEvent = onEvent
    }

    var hasNews: Bool { !pending.isEmpty || (isEnded && !isFramed) }

    func append(_ bytes: Span<UInt8>) {
        pending.reserveCapacity(pending.count + bytes.count)
        for index in bytes.indices {
            pending.append(bytes[index])
        }
    }

    /// All that is pending as one chunk, and the last chunk if nothing follows.
    func takeFramed() -> [UInt8] {
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
        if isEnded {
            framed += "0\r\n\r\n".utf8
        }
        return framed
    }
}
