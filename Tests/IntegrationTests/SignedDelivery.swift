import NotionWebhooks

/// A small delivery with its signature, as raw bytes of a request.
struct SignedDelivery {
    let body: [UInt8]
    let signature: String

    init(
        token: String,
        body: String = #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451295","type":"page.created","#
            + #""entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"}}"#
    ) {
        guard let token = VerificationToken(token) else { preconditionFailure("The tests' token is a token.") }
        let bytes = Array(body.utf8)
        self.body = bytes
        signature = Signature.sign(bytes.span, with: token)
    }

    func request(path: String, fields: [String] = []) -> [UInt8] {
        let head = [
            "POST \(path) HTTP/1.1", "Host: relay.example", "X-Notion-Signature: \(signature)",
            "Content-Length: \(body.count)",
        ]
        return Array((head + fields).joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8) + body
    }
}
