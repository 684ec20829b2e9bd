package struct ClientRequest: Sendable {
    package var method: String
    package var url: String
    /// Sent as given and in this order, after `Host`. `Content-Length` is added; nothing else is, no `Expect` either.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// From the start of the exchange to the last byte of the answer; waiting for the connection is not included.
    package var timeout: Duration
    /// A longer body is cut off there, and the connection closed: see ``ClientResponse/isCutShort``.
    package var responseBodyBytesMax: Int
    /// Requests with the same number share a kept-alive connection, strictly in turn. Nil: any shared connection.
    package var connection: Int?

    package init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(10),
        responseBodyBytesMax: Int = 1 << 20,
        connection: Int? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.responseBodyBytesMax = responseBodyBytesMax
        self.connection = connection
    }

    /// What would let one request be read as another: nothing of such a request is sent.
    var flaw: ClientError? {
        guard Self.isToken(method), method.utf8.count <= 32 else { return .malformedRequest("the method is no token") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            return .malformedRequest("the address holds a space or a control character")
        }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", url.dropFirst(scheme.count).hasPrefix("://") else {
            return .malformedRequest("the address does not begin with http:// or https://")
        }
        for (name, value) in headers {
            guard Self.isToken(name) else { return .malformedRequest("a header's name is no token") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                return .malformedRequest("the value of \(name) holds a control character")
            }
        }
        return nil
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
                default: false
                }
            }
    }
}

package struct ClientResponse: Sendable {
    package let status: Int
    package let body: [UInt8]
    /// The body is not whole: it is longer than asked for, or its end did not come. The status counts all the same.
    package let isCutShort: Bool
    /// The header section as it came, one CRLF-ended line after the other, status line first.
    package let headerBytes: [UInt8]
    /// The address that answered, without its port; empty when it is not known.
    package let remoteAddress: String
    /// Until when the server's certificate is valid, as OpenSSL writes it: `Dec 31 23:59:59 2026 GMT`. Only for the
    /// answer that a handshake came before, and if ``ClientSettings/readsCertificates`` asks for it.
    package let certificateEnd: String?

    package init(
        status: Int,
        body: [UInt8],
        isCutShort: Bool = false,
        headerBytes: [UInt8] = [],
        remoteAddress: String = "",
        certificateEnd: String? = nil
    ) {
        self.status = status
        self.body = body
        self.isCutShort = isCutShort
        self.headerBytes = headerBytes
        self.remoteAddress = remoteAddress
        self.certificateEnd = certificateEnd
    }

    /// The first header of that name (any case), without surrounding blanks. Parsed on demand: few callers need one.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        for line in headerBytes.split(separator: 0x0A).dropFirst() {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            guard String(decoding: line[..<colon], as: UTF8.self).lowercased() == wanted else { continue }
            let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            var value = line[line.index(after: colon)...].drop(while: isBlank)
            while let last = value.last, isBlank(last) { value.removeLast() }
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }
}
