import COpenSSL

/// The calling thread's queue of OpenSSL's errors. Whoever calls into OpenSSL clears it first, so that what is read
/// afterwards is of that call.
enum OpenSSLErrors {
    static func clear() {
        ERR_clear_error()
    }

    /// The code of the oldest error; 0 when there is none.
    static var reason: Int32 {
        ERR_GET_REASON(ERR_peek_error())
    }

    /// What the newest error says, which is the one nearest to the call.
    static var text: String {
        guard let text = ERR_reason_error_string(ERR_peek_last_error()) else { return "unknown error" }
        return String(cString: text)
    }
}
