import COpenSSL
import HTTPFraming

/// TLS on one connection, which reads and writes the connection's socket through `SocketBIO`.
final class TLSSession {
    enum Handshake {
        case done
        case waits
        case failed(Refusal, reason: String?)
        case left
    }

    let socket: Int32
    /// The socket may have bytes that were not received yet: set by an event, cleared by a short read.
    var isSocketReadable = true
    var isHalfClosed = false
    private(set) var isAtEnd = false
    /// A read waits for room in the socket.
    private(set) var readWaitsForRoom = false

    private var ssl: OpaquePointer?
    /// After a fatal error OpenSSL must not be asked for close_notify.
    private var isBroken = false
    private var isReady = false
    private var hasReceived = false
    /// What came first is a PROXY protocol header, which nobody here has asked for.
    private var beganWithProxyHeader = false

    /// Nil when memory is short.
    init?(_ context: TLSContext, socket: Int32) {
        self.socket = socket
        guard let ssl = SSL_new(context.pointer) else { return nil }
        self.ssl = ssl
        guard let bio = SocketBIO.make(for: self) else { return nil }
        SSL_set_bio(ssl, bio, bio)
        SSL_set_accept_state(ssl)
    }

    deinit { SSL_free(ssl) }

    func handshake() -> Handshake {
        OpenSSLErrors.clear()
        let status = SSL_do_handshake(ssl)
        if status == 1 {
            isReady = true
            return .done
        }
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .waits
        default:
            isBroken = true
            guard hasReceived else { return .left }
            return beganWithProxyHeader ? .failed(.proxyProtocol, reason: nil) : Self.failure(isAtEnd: isAtEnd)
        }
    }

    private static func failure(isAtEnd: Bool) -> Handshake {
        switch OpenSSLErrors.reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            return .failed(.plaintextOnTLSPort, reason: "an HTTP request without TLS")
        case 0: return .failed(.tlsHandshakeFailed, reason: isAtEnd ? "the client left" : "the connection broke")
        default: return .failed(.tlsHandshakeFailed, reason: OpenSSLErrors.text)
        }
    }

    /// Whether more can be read without waiting for an event.
    var mayHaveMore: Bool { isSocketReadable || SSL_has_pending(ssl) == 1 }

    /// Plain bytes that have come; 0 when the client has ended its side.
    func receive(_ buffer: UnsafeMutableRawPointer, _ count: Int) -> Socket.Transfer {
        OpenSSLErrors.clear()
        readWaitsForRoom = false
        var received = 0
        let status = SSL_read_ex(ssl, buffer, count, &received)
        guard status != 1 else { return .bytes(received) }
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ: return .wouldBlock
        case SSL_ERROR_WANT_WRITE:
            readWaitsForRoom = true
            return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .bytes(0)
        default:
            isBroken = true
            return .failed
        }
    }

    /// Takes plain bytes. What was not taken must be offered again, from the same byte on.
    func send(_ buffer: UnsafeRawPointer, _ count: Int) -> Socket.Transfer {
        var sent = 0
        while sent < count {
            OpenSSLErrors.clear()
            var taken = 0
            let status = SSL_write_ex(ssl, buffer + sent, count - sent, &taken)
            guard status == 1 else {
                switch SSL_get_error(ssl, status) {
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return sent > 0 ? .bytes(sent) : .wouldBlock
                default:
                    isBroken = true
                    return .failed
                }
            }
            sent += taken
        }
        return .bytes(sent)
    }

    /// Tells the client that nothing follows, if the socket takes it.
    func sendCloseNotify() {
        guard isReady, !isBroken else { return }
        OpenSSLErrors.clear()
        SSL_shutdown(ssl)
        isReady = false
    }

    /// For `SocketBIO` only.
    func receiveRaw(_ buffer: UnsafeMutableRawPointer, _ count: Int) -> Socket.Transfer {
        guard isSocketReadable else { return .wouldBlock }
        let transfer = Socket.receive(socket, buffer, count)
        switch transfer {
        case .bytes(let received):
            isAtEnd = received == 0
            isSocketReadable = !isAtEnd && (received == count || isHalfClosed)
            // OpenSSL asks for the five bytes of a record's header first, which tell.
            if !hasReceived {
                let first = Span(_unsafeStart: buffer.assumingMemoryBound(to: UInt8.self), count: received)
                beganWithProxyHeader = received >= 5 && ProxyHeader.mayBegin(with: first)
            }
            hasReceived = hasReceived || received > 0
        case .wouldBlock, .failed: isSocketReadable = false
        }
        return transfer
    }

    var isTLS13: Bool { SSL_version(ssl) == TLS1_3_VERSION }
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// The subject of the certificate that the client has shown and that was verified, as RFC 4514 writes it.
    var clientSubject: String? {
        guard SSL_get_verify_result(ssl) == X509_V_OK, let certificate = SSL_get0_peer_certificate(ssl),
            let memory = BIO_new(BIO_s_mem())
        else { return nil }
        defer { BIO_free(memory) }
        openssl_print_subject(memory, certificate)
        // Limit: a name has a few parts of at most 64 characters (X.520); more is cut.
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return count > 0 ? String(decoding: bytes[..<Int(count)], as: UTF8.self) : nil
    }
}

/// OpenSSL's access to a connection's socket: through our own calls, which never raise SIGPIPE, and with the knowledge
/// that a short read has emptied the socket, so that it is not read in vain after each request.
enum SocketBIO {
    // Safety: made once, and only read afterwards.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "notion-relay socket")
        BIO_meth_set_read(method) { SocketBIO.read($0, $1, $2) }
        BIO_meth_set_write(method) { SocketBIO.write($0, $1, $2) }
        BIO_meth_set_ctrl(method) { bio, command, _, _ in SocketBIO.control(bio, command) }
        return method
    }()

    /// A BIO for the session, which must outlive it.
    static func make(for session: TLSSession) -> OpaquePointer? {
        guard let bio = BIO_new(method) else { return nil }
        // Safety: the session owns the BIO through its SSL, and frees it before it is gone itself.
        BIO_set_data(bio, Unmanaged.passUnretained(session).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func session(of bio: OpaquePointer?) -> TLSSession? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<TLSSession>.fromOpaque(data).takeUnretainedValue()
    }

    private static func read(_ bio: OpaquePointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int32) -> Int32 {
        guard let session = session(of: bio), let buffer else { return -1 }
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY)
        switch session.receiveRaw(buffer, Int(count)) {
        case .bytes(let count): return Int32(count)
        case .wouldBlock:
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        case .failed: return -1
        }
    }

    private static func write(_ bio: OpaquePointer?, _ buffer: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
        guard let session = session(of: bio), let buffer else { return -1 }
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY)
        switch Socket.send(session.socket, buffer, Int(count)) {
        case .bytes(let count): return Int32(count)
        case .wouldBlock:
            BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            return -1
        case .failed: return -1
        }
    }

    private static func control(_ bio: OpaquePointer?, _ command: Int32) -> Int {
        switch command {
        case BIO_CTRL_FLUSH: 1
        case BIO_CTRL_EOF: session(of: bio)?.isAtEnd == true ? 1 : 0
        default: 0
        }
    }
}
