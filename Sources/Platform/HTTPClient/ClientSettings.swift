/// The limits of one client.
package struct ClientSettings: Sendable {
    /// Name resolution, TCP and TLS together.
    package var connectTimeout: Duration
    /// Limit: requests waiting or on the wire over all lanes; the next one fails with ``ClientError/busy``.
    package var requestsMax: Int
    /// Limit: lanes with a number, each a connection and some 40 KiB.
    package var lanesMax: Int
    /// Limit: connections for requests without a lane; more requests wait for one of them.
    package var unnamedLanesMax: Int
    /// Limit: bytes of an answer's header section.
    package var headerBytesMax: Int
    /// PEM file of the authorities that servers are verified against; nil takes the system's.
    package var authoritiesFile: String?
    /// Whether answers say until when the server's certificate is valid, which costs some work for each handshake.
    package var readsCertificates: Bool

    package init(
        connectTimeout: Duration = .seconds(5),
        requestsMax: Int = 65_536,
        lanesMax: Int = 4_096,
        unnamedLanesMax: Int = 64,
        headerBytesMax: Int = 65_536,
        authoritiesFile: String? = nil,
        readsCertificates: Bool = false
    ) {
        self.connectTimeout = connectTimeout
        self.requestsMax = requestsMax
        self.lanesMax = lanesMax
        self.unnamedLanesMax = unnamedLanesMax
        self.headerBytesMax = headerBytesMax
        self.authoritiesFile = authoritiesFile
        self.readsCertificates = readsCertificates
    }
}

extension Duration {
    /// Whole milliseconds, at least 1: libcurl reads 0 as "no limit".
    var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        let milliseconds = min(max(seconds, 0), 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000
        return max(1, Int(milliseconds))
    }
}
