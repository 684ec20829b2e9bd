package import HTTPClient
package import NotionWebhooks

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

    /// Posts the body with its own signature, or with that of other bytes: then it was changed on the way.
    package func post(
        _ body: [UInt8],
        signedAs original: [UInt8]? = nil,
        connection: Int? = nil
    ) async throws(ClientError) -> ClientResponse {
        let signed = original ?? body
        return try await client.send(
            ClientRequest(
                method: "POST",
                url: url,
                headers: [
                    ("Content-Type", "application/json"), ("User-Agent", "notion-relay-simulator"),
                    ("X-Notion-Signature", Signature.sign(signed.span, with: token)),
                ],
                body: body,
                timeout: timeout,
                responseBodyBytesMax: 65_536,
                connection: connection
            )
        )
    }
}
