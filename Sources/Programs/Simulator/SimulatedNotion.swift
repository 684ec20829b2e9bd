package import HTTPClient
package import NotionWebhooks

/// Posts to a receiver the way Notion does.
package struct SimulatedNotion: Sendable {
    package let url: String
    private let token: VerificationToken
    private let client: Client
    private let timeout: Duration

    /// `timeout` is for one attempt; Notion's own is not known.
    package init(url: String, token: VerificationToken, client: Client, timeout: Duration = .seconds(10)) {
        self.url = url
        self.token = token
        self.client = client
        self.timeout = timeout
    }

    /// The first request of a subscription, and what "Resend token" sends: it carries the token, and is signed with it.
    package func handshake() async throws(ClientError) -> ClientResponse {
        try await post(Array("{\"verification_token\":\"\(token.revealed())\"}".utf8))
    }

    /// Posts the body with its own signature.
    package func post(_ body: [UInt8], connection: Int? = nil) async throws(ClientError) -> ClientResponse {
        try await post(body, signature: Signature.sign(body.span, with: token), connection: connection)
    }

    /// Posts the body with the signature of other bytes: they were changed on the way.
    package func post(
        tampered body: [UInt8],
        signedAs original: [UInt8],
        connection: Int? = nil
    ) async throws(ClientError) -> ClientResponse {
        try await post(body, signature: Signature.sign(original.span, with: token), connection: connection)
    }

    private func post(
        _ body: [UInt8],
        signature: String,
        connection: Int?
    ) async throws(ClientError) -> ClientResponse {
        try await client.send(
            ClientRequest(
                method: "POST",
                url: url,
                headers: [
                    ("Content-Type", "application/json"), ("User-Agent", "notion-relay-simulator"),
                    ("X-Notion-Signature", signature),
                ],
                body: body,
                timeout: timeout,
                responseBodyBytesMax: 65_536,
                connection: connection
            )
        )
    }
}

/// Plays the first request of a subscription once. The answer's status; a receiver that does not answer 2xx cannot be
/// subscribed.
package func handshake(url: String, token: VerificationToken) async throws(ClientError) -> Int {
    let client = try Client()
    defer { client.close() }
    return try await SimulatedNotion(url: url, token: token, client: client).handshake().status
}
