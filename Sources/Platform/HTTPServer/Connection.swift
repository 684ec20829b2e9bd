import HTTPFraming

/// One slot of a loop: a client's connection, or room for one.
final class Connection {
    enum Phase {
        case closed
        /// TLS is being agreed on.
        case handshake
        /// Waiting for a head or reading it.
        case head
        case body
        /// Throwing away the body of a request that was answered without it.
        case discarding
        /// The handler has the request.
        case pending
        /// The answer did not fit into the socket.
        case writing
        /// The answer is being written piece by piece.
        case streaming
        /// Answered and shut; reading on so that the client sees the answer.
        case lingering

        var reads: Bool { self == .head || self == .body || self == .discarding }
    }

    let slot: Int
    /// Changes with each client, so that a late event of an earlier one is told apart.
    var generation: UInt32 = 0
    var socket: Int32 = -1
    var client = ClientAddress.unix
    var phase = Phase.closed
    /// The connection's TLS, if its port has a certificate.
    var tls: TLSSession?
    var intake: Intake?
    /// The exchange that waits for its answer; 0 when none does.
    var exchange: UInt64 = 0

    /// The socket may have bytes that were not received yet.
    var isReadable = false
    /// Bytes were received that the parser has not seen.
    var hasUnseen = false
    /// The client sends no more; what it sent is still answered.
    var isHalfClosed = false
    /// Sending failed.
    var isBroken = false
    /// The handler is being called with this connection's request.
    var isHandling = false
    /// Waits in the loop's list for its turn.
    var isQueued = false

    /// A request has ended since the deadline was set: the next wait has one of its own.
    var needsDeadline = false
    /// Requests of this client that were read.
    var served = 0

    // Of the request in service.
    var keepsAlive = false
    var isHTTP10 = false
    var isHEAD = false
    var closesAfterAnswer = false
    /// The server refused; nothing that follows is looked at.
    var isRefused = false
    /// The limit of the body that is being read, in bytes.
    var bodyBytesMax = 0
    /// What is still to be thrown away of a refused request's body.
    var discardBytes = 0

    /// The rest of an answer that did not fit into the socket.
    var output: [UInt8] = []
    var outputSent = 0
    /// The answer in service, if it is written piece by piece.
    var stream: StreamedAnswer?
    /// Bytes thrown away while lingering.
    var lingerBytes = 0

    /// A request has begun and its answer has not left.
    var isOwedAnswer: Bool {
        switch phase {
        case .head: !(intake?.isEmpty ?? true)
        case .body, .pending, .writing, .streaming: true
        case .closed, .handshake, .discarding, .lingering: false
        }
    }

    init(slot: Int) {
        self.slot = slot
    }

    func open(_ socket: Int32, _ client: ClientAddress) {
        self.socket = socket
        self.client = client
        phase = .head
        isReadable = false
        hasUnseen = false
        isHalfClosed = false
        isBroken = false
        isRefused = false
        needsDeadline = false
        served = 0
        lingerBytes = 0
        beginRequest()
    }

    /// Bytes may have come that nobody has told of.
    func markReadable() {
        isReadable = true
        tls?.isSocketReadable = true
    }

    @inline(__always)
    func send(_ buffer: UnsafeRawPointer, _ count: Int) -> Socket.Transfer {
        guard let tls else { return Socket.send(socket, buffer, count) }
        return tls.send(buffer, count)
    }

    func beginRequest() {
        keepsAlive = false
        isHTTP10 = false
        isHEAD = false
        closesAfterAnswer = false
        bodyBytesMax = 0
        discardBytes = 0
    }
}
