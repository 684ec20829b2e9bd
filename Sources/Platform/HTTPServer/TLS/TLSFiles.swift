/// Where a port's certificate lies. All files are PEM.
package struct TLSFiles: Equatable, Sendable {
    /// The server's certificate first, then those between it and the root.
    package let certificate: String
    /// Its private key, without a passphrase.
    package let key: String
    /// The authorities whose certificates clients must show; nil asks for none.
    package let clientCA: String?

    package init(certificate: String, key: String, clientCA: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }

    func stamps() throws(TLSError) -> [FileStamp] {
        var stamps = [try FileStamp(certificate), try FileStamp(key)]
        if let clientCA { stamps.append(try FileStamp(clientCA)) }
        return stamps
    }
}
