@_exported public import HTTPFraming

/// What a program does with requests. There is one handler per loop, and it is called on the loop's thread only.
///
/// A handler must not block: while it runs, no other connection of its loop is served.
package protocol ExchangeHandler: AnyObject {
    /// Called when the head is complete, before a byte of the body is kept and before `100 Continue` is sent.
    func decide(_ head: borrowing RequestHead) -> HeadDecision

    /// The whole body is there. Leads to exactly one `respond`, from within this call or later.
    func handle(_ request: borrowing Request, _ exchange: Exchange)

    /// The answer deadline has passed. The client gets this answer and the connection is closed; a later `respond` is
    /// ignored.
    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8])

    /// The client's connection broke, or was cut by the end of a drain, before its answer.
    func abandoned(_ exchange: Exchange)

    /// The server itself turned a request down. The client may have got an answer, or just a closed connection.
    /// The reason is what else is known, such as OpenSSL's words.
    func refused(_ refusal: Refusal, from client: ClientAddress, because reason: String?)

    /// No new client is accepted until a connection closes or a moment has passed; those that come wait in the kernel.
    func acceptPaused(_ reason: AcceptPause)

    /// The loop has ended, and this is the last call, still on its thread: what the handler hung on the loop's wake-ups
    /// has to be taken off them before this returns.
    func ended()
}

extension ExchangeHandler {
    package func acceptPaused(_ reason: AcceptPause) {}

    package func ended() {}
}

/// Why new clients have to wait.
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
    /// Answer at once without the body. A body of declared length within `Limits.discardBytesMax` is read and thrown
    /// away and the connection is kept; a chunked, longer, or not yet sent one (`Expect: 100-continue`) closes it.
    case refuse(ResponseHead, [UInt8])
}
