import OutgoingWebhooks
import Testing

@Suite
struct WebhookSignerTests {
    struct Vector: Sendable, CustomStringConvertible {
        let secret: String
        let id: String
        let time: Int64
        let body: String
        let signature: String

        var description: String { id }
    }

    /// The vector that the reference libraries share, and one of the specification's example made with Python's hmac.
    static let vectors = [
        Vector(
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            time: 1_614_265_330,
            body: #"{"test": 2432232314}"#,
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        ),
        Vector(
            secret: "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
            time: 1_674_087_231,
            body: "",
            signature: "v1,/UDKUDcN4YveAmdlBknfIZYcDboSj+dR2stMiun99cg="
        ),
    ]

    @Test(arguments: vectors)
    func `the signature is the published one`(vector: Vector) throws {
        let signer = try WebhookSigner([WebhookSecret(vector.secret)])
        let body = Array(vector.body.utf8)
        for _ in 0..<2 {
            #expect(
                signer.signature(id: vector.id, secondsSince1970: vector.time, body: body.span) == vector.signature
            )
        }
    }

    @Test
    func `each secret signs, in the order given`() throws {
        let secrets = try Self.vectors.map { try WebhookSecret($0.secret) }
        let body = Array(Self.vectors[0].body.utf8)
        func sign(_ secrets: [WebhookSecret]) throws -> String {
            try WebhookSigner(secrets).signature(id: "msg_1", secondsSince1970: 5, body: body.span)
        }
        let apart = try secrets.map { try sign([$0]) }
        #expect(apart[0] != apart[1])
        #expect(try sign(secrets) == apart.joined(separator: " "))
    }

    @Test
    func `id, time and body all count`() throws {
        let signer = try WebhookSigner([WebhookSecret(Self.vectors[0].secret)])
        func sign(_ id: String, _ time: Int64, _ body: String) -> String {
            let body = Array(body.utf8)
            return signer.signature(id: id, secondsSince1970: time, body: body.span)
        }
        let all = [sign("a", 1, "x"), sign("b", 1, "x"), sign("a", 2, "x"), sign("a", 1, "y"), sign("a", 1, "")]
        #expect(Set(all).count == all.count)
    }

    @Test
    func `no secret and more than a rotation needs are refused`() throws {
        let secret = try WebhookSecret(Self.vectors[0].secret)
        #expect(throws: WebhookSecretError.none) { try WebhookSigner([]) }
        #expect(throws: WebhookSecretError.tooMany(9)) { try WebhookSigner(Array(repeating: secret, count: 9)) }
        #expect(throws: Never.self) { try WebhookSigner(Array(repeating: secret, count: WebhookSigner.secretsMax)) }
    }

    @Test
    func `lanes can share a signer`() async throws {
        let vector = Self.vectors[0]
        let signer = try WebhookSigner([WebhookSecret(vector.secret)])
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let body = Array(vector.body.utf8)
                    return (0..<200).allSatisfy { _ in
                        signer.signature(id: vector.id, secondsSince1970: vector.time, body: body.span)
                            == vector.signature
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
