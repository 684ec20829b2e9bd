/// Why secrets are refused. The texts hold nothing of them.
package enum WebhookSecretError: Error, Equatable {
    /// A character outside base64's standard alphabet, or a length that no base64 has.
    case notBase64
    /// The key has another length than the specification allows.
    case wrongLength(Int)
    /// A key of the asymmetric scheme, `v1a`.
    case asymmetric
    /// No secret at all, where one must be.
    case none
    /// More secrets than a rotation needs.
    case tooMany(Int)
}

extension WebhookSecretError: CustomStringConvertible {
    package var description: String {
        let advice = "make one with: echo whsec_$(openssl rand -base64 32)"
        return switch self {
        case .notBase64: "the webhook secret is not base64 (whsec_ may stand in front); \(advice)"
        case .wrongLength(let bytes): "the webhook secret holds \(bytes) bytes, 24 to 64 are allowed; \(advice)"
        case .asymmetric: "the webhook secret is a key for ed25519, only HMAC-SHA256 (whsec_) is spoken; \(advice)"
        case .none: "there is no webhook secret to sign with; \(advice)"
        case .tooMany(let count):
            "there are \(count) webhook secrets, \(WebhookSigner.secretsMax) are allowed; take out those that no "
                + "service verifies with any more"
        }
    }
}
