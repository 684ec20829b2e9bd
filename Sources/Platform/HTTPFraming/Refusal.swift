/// Why the server itself refuses a request. The raw value is the label of metrics and logs. After each of them the
/// connection is closed, and no byte after the refused one is interpreted.
package enum Refusal: String, Error, Sendable, CaseIterable {
    // The request line.
    case badRequestLine = "bad_request_line"
    case badTarget = "bad_target"
    case requestLineTooLong = "request_line_too_long"
    case unsupportedVersion = "unsupported_version"

    // Lines and fields.
    case bareLineFeed = "bare_line_feed"
    case bareCarriageReturn = "bare_carriage_return"
    case controlCharacter = "control_character"
    case badFieldName = "bad_field_name"
    case foldedField = "folded_field"
    case headTooLarge = "head_too_large"
    case tooManyFields = "too_many_fields"

    // What the fields say.
    case missingHost = "missing_host"
    case repeatedHost = "repeated_host"
    case badHost = "bad_host"
    case badContentLength = "bad_content_length"
    case repeatedContentLength = "repeated_content_length"
    case lengthBesideTransferEncoding = "length_beside_transfer_encoding"
    case repeatedTransferEncoding = "repeated_transfer_encoding"
    case transferEncodingInOldVersion = "transfer_encoding_in_old_version"
    case unsupportedTransferEncoding = "unsupported_transfer_encoding"
    case unsupportedExpectation = "unsupported_expectation"
    /// Some readers take the body of a request for another protocol for that protocol's first bytes. Those that are
    /// known to begin behind the body are ignored instead.
    case upgradeWithBody = "upgrade_with_body"

    // The body.
    case bodyTooLarge = "body_too_large"
    case badChunkSize = "bad_chunk_size"
    case badChunkExtension = "bad_chunk_extension"
    case badChunkEnd = "bad_chunk_end"
    case badTrailer = "bad_trailer"
    case trailersTooLarge = "trailers_too_large"
    case truncated = "truncated"
    /// Larger bodies are being read than there is memory granted for.
    case bodiesOverBudget = "bodies_over_budget"

    // Time.
    case slowHead = "slow_head"
    case slowBody = "slow_body"
    /// The client did not take the answer in time. The connection is closed without a further answer.
    case slowReader = "slow_reader"
    /// The connection is closed without an answer.
    case slowHandshake = "slow_handshake"

    // Connections.
    /// The client has as many as it is granted. This one is closed without an answer.
    case tooManyConnections = "too_many_connections"

    // TLS.
    case tlsHandshakeFailed = "tls_handshake_failed"
    case plaintextOnTLSPort = "plaintext_on_tls_port"
    /// The first byte of a connection is that of a TLS handshake record.
    case tlsOnPlainPort = "tls_on_plain_port"

    // What balancers put before a request.
    /// A connection begins with a PROXY protocol header that nobody has asked for, or with a second one.
    case proxyProtocol = "proxy_protocol"
    /// A connection does not begin with the PROXY protocol header that is required.
    case proxyProtocolMissing = "proxy_protocol_missing"
    /// The header is malformed or too long. The connection is closed without an answer.
    case badProxyProtocol = "bad_proxy_protocol"
    /// A header is required, and this peer may not name clients. The connection is closed without an answer.
    case proxyProtocolUntrusted = "proxy_protocol_untrusted"

    /// What a person can do about it, where the reason does not say that itself.
    package var hint: String? {
        switch self {
        case .plaintextOnTLSPort: "this port speaks TLS: the sender's URL must begin with https"
        case .tlsOnPlainPort:
            "TLS ClientHello at a plain HTTP port: give the port a certificate, or let the sender's URL begin with http"
        case .unsupportedVersion:
            "only HTTP/1.1 and HTTP/1.0 are supported: let the balancer speak HTTP/1.1 to this port, not HTTP/2 or gRPC"
        case .proxyProtocol:
            "PROXY protocol v1 or v2 header: start with --proxy-protocol required and --trusted-proxies, or let the "
                + "balancer send none and name the client in X-Forwarded-For"
        case .proxyProtocolMissing:
            "--proxy-protocol is required and no header came: let the balancer send one (HAProxy: send-proxy-v2), "
                + "also with its health checks (check-send-proxy), or start with --proxy-protocol off"
        case .badProxyProtocol: "the PROXY protocol header is malformed, or longer than 4,112 bytes"
        case .proxyProtocolUntrusted:
            "--proxy-protocol is required, and this peer is not in --trusted-proxies: add it if it is the balancer"
        default: nil
        }
    }

    package var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .requestLineTooLong: 414
        case .unsupportedExpectation: 417
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .unsupportedTransferEncoding: 501
        case .bodiesOverBudget, .tooManyConnections: 503
        case .unsupportedVersion: 505
        case .slowHead, .slowBody, .slowReader, .slowHandshake: 408
        default: 400
        }
    }
}
