import Cryptography

/// The first message of a subscription: `{"verification_token":"…"}` and no `type`.
///
/// It proves nothing. Its key lies inside it, so anyone can make one; trust comes from the person who pastes the token
/// into Notion, and from the deliveries that verify afterwards.
public struct Handshake: Sendable {
    // Limit: Notion's is 75 bytes long; the longest token with its frame is smaller, and no more of an unverified body
    // need be read.
    package static let bodyBytesMax = 1024

    /// The token that it carries.
    public let token: VerificationToken

    /// The handshake in an unverified body, if it is one.
    ///
    /// A signature is not needed, since reports differ on whether Notion sends one; if there is one, it must be valid
    /// under the token in the body.
    ///
    /// - Returns: nil for everything else, also for bodies of more than 1,024 bytes.
    public static func recognise(_ delivery: borrowing UntrustedDelivery) -> Handshake? {
        if case .refused(let error) = delivery.claim, error != .missing { return nil }
        guard let token = token(in: delivery.body) else { return nil }
        if case .signed(let signature) = delivery.claim {
            let code = KeyedHMAC(key: token.bytes).authenticate(delivery.body)
            guard constantTimeEqual(code.span, signature.code.span) else { return nil }
        }
        return Handshake(token: token)
    }

    /// The handshake in a verified body, if it is one: Notion's "resend", signed with a token that is active.
    public static func recognise(_ delivery: borrowing VerifiedDelivery) -> Handshake? {
        token(in: delivery.bytes).map(Handshake.init)
    }

    private static func token(in body: Span<UInt8>) -> VerificationToken? {
        guard body.count <= bodyBytesMax else { return nil }
        guard let string = try? tokenString(in: body) else { return nil }
        return VerificationToken(bytes: body.unescaped(string))
    }

    private static func tokenString(in body: Span<UInt8>) throws(JSONError) -> JSONString? {
        var scanner = JSONScanner(body)
        _ = scanner.skipByteOrderMark()
        guard scanner.peek() == UInt8(ascii: "{") else { return nil }
        try scanner.enter()
        let tokenName = JSONName("verification_token")
        let typeName = JSONName("type")
        var token: JSONString?
        var isFirst = true
        while let key = try scanner.nextMember(&isFirst) {
            let name = body.name(key)
            guard name != typeName else { return nil }
            guard name == tokenName else {
                _ = try scanner.skipValue()
                continue
            }
            guard token == nil, scanner.peek() == UInt8(ascii: "\"") else { return nil }
            token = try scanner.string()
        }
        try scanner.finish()
        return token
    }
}
