import COpenSSL
import Glibc

/// What all connections of a port share: certificate, key, and what is offered to clients.
///
/// Versions, suites and groups are Mozilla's "intermediate" ones (server side TLS, version 5.7) without finite-field
/// Diffie-Hellman, which no client of the last ten years needs. Sessions are resumed by tickets, sealed with a key that
/// OpenSSL makes for each context and that never leaves the process: another replica, or a renewed certificate, means a
/// full handshake.
final class TLSContext: Sendable {
    private static let suites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")
    private static let groups = "X25519:P-256:P-384"

    // Safety: OpenSSL counts the references to a context with atomics, and nothing changes it after `init`.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// When the certificate ends, in seconds since 1970.
    let notAfter: Int

    init(_ files: TLSFiles) throws(TLSError) {
        OpenSSLErrors.clear()
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw TLSError(file: files.certificate, reason: "OpenSSL has no memory: \(OpenSSLErrors.text)")
        }
        do throws(TLSError) {
            try Self.offer(context)
            notAfter = try Self.load(files, into: context)
            if let authorities = files.clientCA { try Self.askForCertificates(of: authorities, context) }
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        pointer = context
    }

    deinit { SSL_CTX_free(pointer) }

    private static func offer(_ context: OpaquePointer) throws(TLSError) {
        let offers =
            openssl_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION) == 1
            && SSL_CTX_set_cipher_list(context, suites) == 1 && openssl_set_groups(context, groups) == 1
        guard offers else { throw TLSError(file: "OpenSSL", reason: "suites are not there: \(OpenSSLErrors.text)") }
        openssl_forbid_renegotiation_and_compression(context)
        // Where a request ends is in HTTP's own framing: an end without close_notify hides nothing.
        openssl_ignore_missing_close_notify(context)
        openssl_set_modes(
            context,
            Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS)
        )
        // Tickets are bound to it; with client certificates OpenSSL refuses to resume without.
        let name = Array("notion-relay".utf8)
        SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, selected, selectedCount, offered, offeredCount, _ in
                TLSContext.selectProtocol(selected, selectedCount, offered, offeredCount)
            },
            nil
        )
        // A key with a passphrase is an error, not a question on the terminal.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
    }

    /// Returns when the certificate ends.
    private static func load(_ files: TLSFiles, into context: OpaquePointer) throws(TLSError) -> Int {
        guard SSL_CTX_use_certificate_chain_file(context, files.certificate) == 1 else {
            throw TLSError(
                file: files.certificate,
                reason: "no certificate can be read (\(OpenSSLErrors.text)); PEM is wanted, the server's own first"
            )
        }
        OpenSSLErrors.clear()
        guard SSL_CTX_use_PrivateKey_file(context, files.key, SSL_FILETYPE_PEM) == 1 else {
            throw TLSError(
                file: files.key,
                reason: OpenSSLErrors.reason == X509_R_KEY_VALUES_MISMATCH
                    ? "the key is not that of \(files.certificate)"
                    : "no private key can be read (\(OpenSSLErrors.text)); PEM without a passphrase is wanted"
            )
        }
        guard let certificate = SSL_CTX_get0_certificate(context), let end = X509_get0_notAfter(certificate) else {
            throw TLSError(file: files.certificate, reason: "the certificate has no end")
        }
        var time = tm()
        guard ASN1_TIME_to_tm(end, &time) == 1 else {
            throw TLSError(file: files.certificate, reason: "the certificate's end cannot be read")
        }
        return timegm(&time)
    }

    private static func askForCertificates(of file: String, _ context: OpaquePointer) throws(TLSError) {
        OpenSSLErrors.clear()
        guard SSL_CTX_load_verify_locations(context, file, nil) == 1, let names = SSL_load_client_CA_file(file) else {
            throw TLSError(
                file: file,
                reason: "no certificate authority can be read (\(OpenSSLErrors.text)); PEM certificates are wanted"
            )
        }
        SSL_CTX_set_client_CA_list(context, names)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    /// `http/1.1` or an alert. A client that names no protocol is not asked (RFC 7301 section 3.2).
    private static func selectProtocol(
        _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ selectedCount: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafePointer<UInt8>?,
        _ offeredCount: UInt32
    ) -> Int32 {
        guard let selected, let selectedCount, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let names = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
        var start = 0
        while start < names.count {
            let count = Int(names[start])
            guard start + 1 + count <= names.count else { break }
            if names[(start + 1)..<(start + 1 + count)].elementsEqual("http/1.1".utf8) {
                // Safety: the answer points into the client's list, which OpenSSL copies from before it frees it.
                selected.pointee = offered + start + 1
                selectedCount.pointee = UInt8(count)
                return SSL_TLSEXT_ERR_OK
            }
            start += 1 + count
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}

/// The calling thread's queue of OpenSSL's errors. Cleared before each call into OpenSSL, so that what is read
/// afterwards is of that call.
enum OpenSSLErrors {
    static func clear() { ERR_clear_error() }

    /// The code of the oldest error; 0 when there is none.
    static var reason: Int32 { ERR_GET_REASON(ERR_peek_error()) }

    /// What the newest error says, which is the one nearest to the call.
    static var text: String {
        guard let text = ERR_reason_error_string(ERR_peek_last_error()) else { return "unknown error" }
        return String(cString: text)
    }
}
