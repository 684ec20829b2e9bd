import COpenSSL

/// OpenSSL's way to a connection's socket: through our own calls, which never raise SIGPIPE, and with the knowledge
/// that a short read has emptied the socket, so that it is not asked in vain after each request.
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
