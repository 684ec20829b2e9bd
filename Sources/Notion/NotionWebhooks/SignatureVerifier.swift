import Cryptography

/// Tells deliveries that Notion signed from all others (SPEC.md, 3.2). One for each thread: it reuses its key
/// schedules.
public final class SignatureVerifier {
    private let keys: [KeyedHMAC]

    /// A verifier for the tokens that are active now.
    ///
    /// - Parameter tokens: in the order in which they are tried; with none, nothing verifies.
    public init(tokens: [VerificationToken]) {
        keys = tokens.map { KeyedHMAC(key: $0.bytes) }
    }

    /// Vouches for a delivery whose signature one of the tokens gives.
    ///
    /// Each comparison takes constant time. Trying stops at the token that fits, which tells a sender only what he must
    /// know already: a sender without a token always waits for all of them.
    ///
    /// - Throws: ``SignatureError`` when the header is missing, repeated or malformed, or fits no token.
    @_lifetime(copy delivery)
    public func verify(_ delivery: borrowing UntrustedDelivery) throws(SignatureError) -> VerifiedDelivery {
        let claimed: Signature
        switch delivery.claim {
        case .refused(let error): throw error
        case .signed(let signature): claimed = signature
        }
        for index in keys.indices {
            let code = keys[index].authenticate(delivery.body)
            if constantTimeEqual(code.span, claimed.code.span) {
                return VerifiedDelivery(bytes: delivery.body, tokenIndex: index, signature: claimed)
            }
        }
        throw .mismatch
    }
}

@available(*, unavailable)
extension SignatureVerifier: Sendable {}
