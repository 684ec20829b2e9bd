/// The whole answer to one request.
package struct ClientResponse: Sendable {
    package let status: Int
    package let body: [UInt8]
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
        headerBytes: [UInt8] = [],
        remoteAddress: String = "",
        certificateEnd: String? = nil
    ) {
        self.status = status
        self.body = body
        self.headerBytes = headerBytes
        self.remoteAddress = remoteAddress
        self.certificateEnd = certificateEnd
    }

    /// The first header of that name (any case), without surrounding blanks. Looked up when asked for, since most
    /// answers are judged by their status alone.
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
