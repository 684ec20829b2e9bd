import Cryptography

/// What the header `X-Notion-Signature` holds: `sha256=` and 64 hexadecimal digits, the HMAC-SHA256 of the raw body
/// under the verification token.
public struct Signature: Sendable {
    /// The header's name, in lower case.
    public static let headerName = "x-notion-signature"

    let code: InlineArray<32, UInt8>

    /// A signature from the header's value.
    ///
    /// - Parameter header: exactly `sha256=` in this case, then 64 digits of either case; anything else gives nil.
    public init?(_ header: Span<UInt8>) {
        guard header.count == 71, header.word(at: 0) & 0xFF_FFFF_FFFF_FFFF == 0x3D_3635_3261_6873 else { return nil }
        var code = InlineArray<32, UInt8>(repeating: 0)
        for index in 0..<32 {
            guard let high = header[7 &+ index &* 2].hexDigitValue, let low = header[8 &+ index &* 2].hexDigitValue
            else { return nil }
            code[index] = high &<< 4 | low
        }
        self.code = code
    }

    init(code: InlineArray<32, UInt8>) { self.code = code }

    /// The header's value for a body, as Notion sends it. The simulator and the tests sign with this, so that signing
    /// and verifying cannot drift apart.
    ///
    /// - Parameters:
    ///   - body: the bytes that go over the wire.
    ///   - token: the subscription's token.
    /// - Returns: `sha256=` and 64 digits in lower case.
    public static func sign(_ body: Span<UInt8>, with token: VerificationToken) -> String {
        let signature = Signature(code: KeyedHMAC(key: token.bytes).authenticate(body))
        return String(decoding: signature.headerValue, as: UTF8.self)
    }

    /// The header's value, in lower case.
    package var headerValue: [UInt8] {
        var text = Array("sha256=".utf8)
        for index in code.indices {
            text.append(Self.digit(code[index] &>> 4))
            text.append(Self.digit(code[index] & 15))
        }
        return text
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }
}

/// Why a delivery is refused before anything in it is read. No case says how close a signature came, since that could
/// only help a forger.
public enum SignatureError: Error, Sendable, Equatable, CaseIterable {
    /// There is no signature header.
    case missing
    /// There are several signature headers, and nothing says which of them counts.
    case repeated
    /// The header is not `sha256=` and 64 hexadecimal digits.
    case malformed
    /// No active token gives this signature for these bytes.
    case mismatch
}

/// Tells deliveries that Notion signed from all others. One per thread: it reuses its key schedules.
public final class SignatureVerifier {
    private let keys: [KeyedHMAC]
    /// The key of the last delivery that was verified: the next one is most likely of the same subscription.
    private var likeliest = 0

    /// A verifier for the tokens that are active now.
    ///
    /// - Parameter tokens: in the order in which they are tried; with none, nothing verifies.
    public init(tokens: [VerificationToken]) { keys = tokens.map { KeyedHMAC(key: $0.bytes) } }

    /// Verifies a delivery's signature against each of the tokens.
    ///
    /// Each comparison takes constant time. The token that fitted last is tried first. The search stops at the token
    /// that fits, which tells a sender only what it must know already: a sender without a token always waits for all of
    /// them.
    ///
    /// - Throws: ``SignatureError`` when the header is missing, repeated or malformed, or fits no token.
    @_lifetime(copy delivery)
    public func verify(_ delivery: borrowing UntrustedDelivery) throws(SignatureError) -> VerifiedDelivery {
        let claimed = try Self.claimed(delivery)
        guard fits(likeliest, claimed, delivery) || findOther(claimed, delivery) else { throw .mismatch }
        return VerifiedDelivery(bytes: delivery.body, tokenIndex: likeliest, signature: claimed)
    }

    /// Tries the token that fitted last, and no other.
    @_lifetime(copy delivery)
    package func verifyWithLikeliest(
        _ delivery: borrowing UntrustedDelivery
    ) throws(SignatureError) -> VerifiedDelivery {
        let claimed = try Self.claimed(delivery)
        guard fits(likeliest, claimed, delivery) else { throw .mismatch }
        return VerifiedDelivery(bytes: delivery.body, tokenIndex: likeliest, signature: claimed)
    }

    /// Tries all tokens but the one that fitted last.
    @_lifetime(copy delivery)
    package func verifyWithOthers(_ delivery: borrowing UntrustedDelivery) throws(SignatureError) -> VerifiedDelivery {
        let claimed = try Self.claimed(delivery)
        guard findOther(claimed, delivery) else { throw .mismatch }
        return VerifiedDelivery(bytes: delivery.body, tokenIndex: likeliest, signature: claimed)
    }

    /// How many tokens there are beside the likeliest.
    package var othersCount: Int { max(0, keys.count - 1) }

    private static func claimed(_ delivery: borrowing UntrustedDelivery) throws(SignatureError) -> Signature {
        switch delivery.claim {
        case .refused(let error): throw error
        case .signed(let signature): return signature
        }
    }

    private func fits(_ index: Int, _ claimed: Signature, _ delivery: borrowing UntrustedDelivery) -> Bool {
        guard index < keys.count else { return false }
        let code = keys[index].authenticate(delivery.body)
        return constantTimeEqual(code.span, claimed.code.span)
    }

    private func findOther(_ claimed: Signature, _ delivery: borrowing UntrustedDelivery) -> Bool {
        for index in keys.indices where index != likeliest && fits(index, claimed, delivery) {
            likeliest = index
            return true
        }
        return false
    }
}

@available(*, unavailable)
extension SignatureVerifier: Sendable {}
