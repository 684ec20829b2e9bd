import HTTPFraming

/// A connection's socket, with TLS on it if its port has a certificate, and the bytes that it did not take yet.
struct Transport {
    enum Sent {
        case all, some, failed
    }

    private let counters: LoopCounters
    private var socket: Int32 = -1
    private var tls: TLSSession?
    private(set) var isReadable = false
    private(set) var isHalfClosed = false
    /// Bytes of an answer that did not fit into the socket.
    private var held: [UInt8] = []
    private var heldSent = 0

    init(_ counters: LoopCounters) { self.counters = counters }

    mutating func open(_ socket: Int32) {
        self.socket = socket
        isReadable = false
        isHalfClosed = false
    }

    mutating func close() {
        tls?.sendCloseNotify()
        tls = nil
        Socket.close(socket)
        socket = -1
        hold([])
    }

    func shutdownWrites() {
        tls?.sendCloseNotify()
        Socket.shutdownWrites(socket)
    }

    var hasBytes: Bool { Socket.hasBytes(socket) }

    var hasUndelivered: Bool { Socket.hasUndelivered(socket) }

    mutating func beginTLS(_ identity: TLSIdentity) -> Bool {
        tls = TLSSession(identity.context, socket: socket)
        tls?.isHalfClosed = isHalfClosed
        return tls != nil
    }

    /// Before TLS begins. Whatever follows the header is readable.
    mutating func receiveProxyHeader(with reader: ProxyHeaderReader) -> ProxyHeaderReader.Step {
        let step = reader.read(from: socket, isHalfClosed: isHalfClosed)
        if case .header(let header, let isLast) = step {
            counters.bytesIn.add(header.bytesCount)
            isReadable = !isLast || isHalfClosed
        } else if case .waits = step {
            isReadable = false
        }
        return step
    }

    /// Goes on when the client has sent something, or its socket takes more. After a failure there is no TLS any more.
    mutating func handshake() -> TLSSession.Handshake {
        guard let tls else { return .left }
        let result = tls.handshake()
        switch result {
        case .done:
            counters.count(tls)
            // Some of the first request may have come with the handshake's end.
            isReadable = tls.mayHaveMore
        case .failed:
            counters.handshakesFailed.add(1)
            self.tls = nil
        case .waits, .left: break
        }
        return result
    }

    var clientSubject: String? { tls?.clientSubject }

    mutating func note(_ readiness: EventSet.Readiness) {
        if readiness.isHalfClosed {
            isHalfClosed = true
            tls?.isHalfClosed = true
        }
        if readiness.isReadable {
            markReadable()
        } else if let tls, tls.readWaitsForRoom {
            isReadable = true
        }
    }

    /// Bytes may have come that no event has told of yet.
    mutating func markReadable() {
        isReadable = true
        tls?.isSocketReadable = true
    }

    /// Receives once. Zero bytes are the end of what the client sends.
    @inline(__always)
    mutating func receive(into intake: Intake) -> Socket.Transfer {
        let (transfer, filled) = receiveOnce(into: intake)
        switch transfer {
        case .bytes(0), .wouldBlock: isReadable = false
        case .bytes:
            // A short read has emptied the socket: only a half-closed one is read once more, to see its end.
            isReadable = filled || isHalfClosed
        case .failed: break
        }
        return transfer
    }

    @inline(__always)
    private func receiveOnce(into intake: Intake) -> (transfer: Socket.Transfer, filled: Bool) {
        guard let tls else { return intake.receive(from: socket) }
        return intake.receive(from: tls)
    }

    var heldBytes: Int { held.count - heldSent }

    mutating func hold(_ bytes: [UInt8]) {
        held = bytes
        heldSent = 0
    }

    /// Sends the answer, and holds what the socket does not take of it. False when the connection is broken.
    mutating func send(_ answer: AnswerBuffer) -> Bool {
        switch answer.withBytes({ send($0, $1) }) {
        case .bytes(let count):
            counters.bytesOut.add(count)
            if count < answer.count { hold(answer.rest(from: count)) }
        case .wouldBlock: hold(answer.rest(from: 0))
        case .failed: return false
        }
        return true
    }

    mutating func sendHeld() -> Sent {
        let rest = heldBytes
        let transfer = held.withUnsafeBytes { bytes -> Socket.Transfer in
            guard let base = bytes.baseAddress else { return .bytes(0) }
            return send(base + heldSent, rest)
        }
        switch transfer {
        case .bytes(let count):
            counters.bytesOut.add(count)
            heldSent += count
            guard count == rest else { return .some }
            hold([])
            return .all
        case .wouldBlock: return .some
        case .failed: return .failed
        }
    }

    @inline(__always)
    private func send(_ buffer: UnsafeRawPointer, _ count: Int) -> Socket.Transfer {
        guard let tls else { return Socket.send(socket, buffer, count) }
        return tls.send(buffer, count)
    }
}
