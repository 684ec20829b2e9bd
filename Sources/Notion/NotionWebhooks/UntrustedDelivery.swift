/// A request's body that nobody has vouched for.
///
/// It has no accessor: the only ways on are ``SignatureVerifier/verify(_:)`` and, for the one message that arrives
/// before its key, ``Handshake/recognise(_:)-(UntrustedDelivery)``. So no code that publishes can be given unverified
/// bytes.
public struct UntrustedDelivery: ~Escapable {
    let body: Span<UInt8>
    let claim: SignatureClaim

    /// What arrived.
    ///
    /// - Parameters:
    ///   - body: the raw body, before any decoding.
    ///   - signature: the value of the signature header without white space around it, nil when there is none.
    ///   - signatureCount: how many signature headers there are.
    @_lifetime(copy body)
    public init(body: Span<UInt8>, signature: Span<UInt8>?, signatureCount: Int) {
        self.body = body
        claim = SignatureClaim(signature, count: signatureCount)
    }
}

/// What a request says about its signature.
enum SignatureClaim {
    case refused(SignatureError)
    case signed(Signature)

    init(_ header: Span<UInt8>?, count: Int) {
        guard count > 0, let header else {
            self = .refused(.missing)
            return
        }
        guard count == 1 else {
            self = .refused(.repeated)
            return
        }
        guard let signature = Signature(header) else {
            self = .refused(.malformed)
            return
        }
        self = .signed(signature)
    }
}
