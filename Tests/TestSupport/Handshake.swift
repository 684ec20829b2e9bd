package import HTTPClient
package import NotionWebhooks
import Simulator

/// Sends the first request of a subscription once, and returns the answer's status.
package func handshake(url: String, token: VerificationToken) async throws(ClientError) -> Int {
    let client = try Client()
    defer { client.close() }
    return try await SimulatedNotion(url: url, token: token, client: client).handshake().status
}
