import COpenSSL
import Glibc

/// The client's side of TLS over a blocking socket, as strange as a test wants it.
final class TLSClientSession {
    struct Options {
        var authority: String?
        var certificate: (file: String, key: String)?
        var protocols: [String] = []
        var highest = TLS1_3_VERSION
        var lowest = TLS1_2_VERSION
        var suites: String?
        /// Of an earlier connection, to be resumed.
        var session: Ticket?
    }

    /// What one connection leaves for the next.
    final class Ticket {
        fileprivate let pointer: OpaquePointer

        fileprivate init?(of ssl: OpaquePointer) {
            guard let pointer = SSL_get1_session(ssl) else { return nil }
            self.pointer = pointer
        }

        deinit {
            SSL_SESSION_free(pointer)
        }
    }

    struct Failure: Error {
        let reason: String
    }

    private let context: OpaquePointer
    private let ssl: OpaquePointer

    /// Shakes hands.
    init(socket: Int32, _ options: Options) throws {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure(reason: "no context") }
        self.context = context
        _ = openssl_set_versions(context, options.lowest, options.highest)
        if let authority = options.authority {
            SSL_CTX_load_verify_locations(context, authority, nil)
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        }
        if let (file, key) = options.certificate {
            SSL_CTX_use_certificate_file(context, file, SSL_FILETYPE_PEM)
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM)
        }
        if let suites = options.suites {
            // Level 0 lets a test offer what nobody should accept.
            SSL_CTX_set_cipher_list(context, suites + ":@SECLEVEL=0")
        }
        guard let ssl = SSL_new(context) else { throw Failure(reason: "no session") }
        self.ssl = ssl
        let protocols = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !protocols.isEmpty {
            SSL_set_alpn_protos(ssl, protocols, UInt32(protocols.count))
        }
        if let session = options.session {
            SSL_set_session(ssl, session.pointer)
        }
        // OpenSSL writes to a connection that may have ended meanwhile.
        signal(SIGPIPE, SIG_IGN)
        SSL_set_fd(ssl, socket)
        ERR_clear_error()
        guard SSL_connect(ssl) == 1 else { throw Self.failure() }
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    var isTLS13: Bool { SSL_version(ssl) == TLS1_3_VERSION }
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// What a later connection can resume; comes with the server's first bytes.
    func takeSession() -> Ticket? { Ticket(of: ssl) }

    var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    func write(_ bytes: ArraySlice<UInt8>) -> Int {
        ERR_clear_error()
        return bytes.withUnsafeBytes { Int(SSL_write(ssl, $0.baseAddress, Int32($0.count))) }
    }

    /// 0 at the end, which must be a farewell.
    func read(_ bytes: inout [UInt8]) throws -> Int {
        ERR_clear_error()
        let count = SSL_read(ssl, &bytes, Int32(bytes.count))
        if count > 0 { return Int(count) }
        guard SSL_get_error(ssl, count) == SSL_ERROR_ZERO_RETURN else { throw Self.failure() }
        return 0
    }

    func sendCloseNotify() {
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    private static func failure() -> Failure {
        let text = ERR_reason_error_string(ERR_peek_error()).map { String(cString: $0) }
        return Failure(reason: text ?? "the connection ended")
    }
}
