/// A body whose signature was made with one of our tokens: ``SignatureVerifier`` makes it. Or one without a signature
/// that its receiver was told to let pass, which has to be asked for by name.
public struct VerifiedDelivery: ~Escapable {
    /// The body, byte by byte what was signed.
    public let bytes: Span<UInt8>
    /// The place, among the verifier's tokens, of the one that signed; nil when nothing was signed.
    public let tokenIndex: Int?
    package let signature: Signature?

    @_lifetime(copy bytes)
    init(bytes: Span<UInt8>, tokenIndex: Int, signature: Signature) {
        self.bytes = bytes
        self.tokenIndex = tokenIndex
        self.signature = signature
    }

    /// A delivery that came without a signature and passes all the same, on the word of whoever runs the receiver:
    /// Notion's guide calls validation optional. Anybody can have sent it.
    ///
    /// - Throws: ``SignatureError`` when there is a signature header: what claims to be signed has to be.
    @_lifetime(copy delivery)
    public init(unsigned delivery: borrowing UntrustedDelivery) throws(SignatureError) {
        switch delivery.claim {
        case .refused(.missing): break
        case .refused(let error): throw error
        case .signed: throw .mismatch
        }
        bytes = delivery.body
        tokenIndex = nil
        signature = nil
    }

    /// The event's id, as far as it can be had from a body that may be broken behind it: for a dead letter's key.
    ///
    /// - Returns: the first `id` at the top, canonical if it is a UUID; nil if there is none that a key could be.
    package func salvagedEventID() -> [UInt8]? {
        guard let string = try? salvagedID(), !string.isEmpty, string.count <= DeliveryFields.identifierBytesMax,
            !bytes.hasLoneSurrogate(string)
        else { return nil }
        let plain = bytes.unescaped(string)
        return CanonicalID(plain.span)?.bytes ?? plain
    }

    private func salvagedID() throws(JSONError) -> JSONString? {
        var scanner = JSONScanner(bytes)
        _ = scanner.skipByteOrderMark()
        guard scanner.peek() == UInt8(ascii: "{") else { return nil }
        try scanner.enter()
        var isFirst = true
        while let key = try scanner.nextMember(&isFirst) {
            let name = bytes.name(key)
            if name == DeliveryNames.shared.id { return try scanner.stringOrNull() }
            _ = try scanner.skipValue()
        }
        return nil
    }
}
