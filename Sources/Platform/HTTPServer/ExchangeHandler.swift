@_exported public import HTTPFraming

/// What a program does with requests: one handler per loop, called on the loop's thread only. A handler must not block:
/// while it runs, no other connection of its loop is served.
package protocol ExchangeHandler: AnyObject {
    /// Called when the head is complete, before a byte of the body is kept and before `100 Continue` is sent.
    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision

    /// The whole body is there. Leads to exactly one `respond`, from within this call or later.
    func handle(_ request: borrowing Request, _ exchange: Exchange)

    /// The answer deadline has passed: the client gets this, the connection closes, a later `respond` is ignored.
    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8])

    /// The client's connection broke, or was cut by the end of a drain, before its answer.
    func abandoned(_ exchange: Exchange)

    /// The server itself refuses a request. The client gets this answer and the connection is closed; one whose TLS
    /// handshake failed cannot be answered. `reason` is a detail such as OpenSSL's error.
    func refused(_ refusal: Refusal, from client: ClientAddress, because reason: String?) -> (ResponseHead, [UInt8])

    /// New clients wait in the kernel until a connection closes or a moment has passed.
    func acceptPaused(_ reason: AcceptPause)

    /// The loop has ended; this is the last call, still on its thread: detach from the loop's wake-ups here.
    func ended()
}

extension ExchangeHandler {
    package func refused(
        _ refusal: Refusal,
        from client: ClientAddress,
        because reason: String?
    ) -> (ResponseHead, [UInt8]) { refusal.answer }

    package func acceptPaused(_ reason: AcceptPause) {}

    package func ended() {}
}

extension Refusal {
    /// The answer of a handler that has no answers of its own to refusals.
    package var answer: (ResponseHead, [UInt8]) {
        let head = ResponseHead(status: status, fields: [("Content-Type", "application/json")])
        return (head, Array("{\"error\":\"\(rawValue)\"}".utf8))
    }
}

package enum AcceptPause: String, Sendable {
    /// The loop's share of connections is taken, and none of them is idle.
    case connectionsMax = "connections_max"
    /// The process, or the system, can open no more files, and no connection is idle.
    case openFiles = "open_files"
}

/// What is to become of a request whose head is known.
package enum HeadDecision {
    /// Read the body; more bytes than this are answered 413 and the connection is closed.
    case read(bodyBytesMax: Int)
    /// Answer at once without the body. A body of declared length within `Limits.discardBytesMax` is discarded and the
    /// connection kept; a chunked, longer, or not yet sent one (`Expect: 100-continue`) closes it.
    case refuse(ResponseHead, [UInt8])
}

/// One request and the answer it waits for. Never used twice within a loop.
package struct Exchange: Hashable, Sendable {
    /// The connection's slot in the low bits, the loop's running number of requests above: fits an opaque pointer.
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    static let slotBits = 20
    static let slotsMax = 1 << slotBits

    init(number: UInt64, slot: Int) { self.rawValue = number &<< UInt64(Self.slotBits) | UInt64(slot) }

    /// The connection's slot: below the most connections that a loop has, and of one open exchange at a time.
    package var slot: Int { Int(rawValue & UInt64(Self.slotsMax - 1)) }
}

/// A whole request: a view over the bytes as they came, valid only during the call that hands it out.
package struct Request: ~Escapable {
    package let head: RequestHead
    package let body: Span<UInt8>
    package let client: ClientAddress

    @_lifetime(copy head, copy body)
    init(head: consuming RequestHead, body: Span<UInt8>, client: ClientAddress) {
        self.head = head
        self.body = body
        self.client = client
    }
}
