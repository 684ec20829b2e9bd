/// The limits that a server grants its clients. The limit of a body comes with each request: the handler names it when
/// it has seen the head.
package struct Limits: Sendable, Equatable {
    /// Open connections of the server. At the limit the one that has been idle longest is closed; if none is idle, the
    /// one that has been within a request longest, for a second at least; else accepting waits and new clients stay in
    /// the kernel's backlog. Each loop has an equal share, and the kernel
    /// distributes new clients by their addresses: one loop can be full while another is not.
    package var connectionsMax = 10_000
    /// Open connections of one client, an IPv4 address or an IPv6 /64; 0 is no limit. One more is closed at once. Those
    /// of trusted proxies, which stand for many clients, and of Unix sockets do not count.
    package var connectionsPerAddressMax = 0
    /// Requests of one connection, after whose last answer it is closed; 0 is no limit. Only one of them is in the
    /// handler's hands at a time: what is pipelined behind it waits, `readBytesMax` here and the rest in the kernel.
    package var requestsPerConnectionMax = 0
    /// Bytes of the request line with its CRLF; longer is 414.
    package var requestLineBytesMax = 8 * 1024
    /// Bytes of the whole head with its empty line; longer is 431. The trailers of a chunked body have the same limit.
    package var headBytesMax = 16 * 1024
    /// Fields of the head; more is 431.
    package var fieldCountMax = 100
    /// Bytes of one read. It bounds what is held of pipelined requests while an answer is pending.
    package var readBytesMax = 16 * 1024
    /// Bytes of requests that are being read, beyond `readBytesMax` of each, over all connections; what needs more is
    /// answered 503. The last quarter is for connections of known senders.
    package var growthBytesMax = 64 * 1024 * 1024
    /// Bytes of a refused request's body that are read and thrown away to keep the connection.
    package var discardBytesMax = 64 * 1024
    /// Bytes of a streamed answer that wait for the client to take them; a write takes no more than there is room for.
    package var streamBytesMax = 64 * 1024
    /// Bytes that are still read, and thrown away, after the last answer, so that the client sees the answer.
    package var lingerBytesMax = 1024 * 1024
    /// The whole TLS handshake, from the moment the connection was accepted.
    package var handshakeDeadlineMilliseconds = 5_000
    /// The whole head, from its first byte; on a new connection from its beginning or the TLS handshake's end.
    package var headDeadlineMilliseconds = 5_000
    /// The whole body, from the end of the head.
    package var bodyDeadlineMilliseconds = 10_000
    /// The wait for the next request on a kept connection; at its end the connection is closed quietly.
    package var idleDeadlineMilliseconds = 75_000
    /// The client's time to take an answer, from the first byte that did not fit into the socket.
    package var writeDeadlineMilliseconds = 10_000
    /// The handler's time to answer a whole request.
    package var answerDeadlineMilliseconds = 10_000
    /// The client's time to close after our last answer.
    package var lingerDeadlineMilliseconds = 2_000

    package init() {}
}
