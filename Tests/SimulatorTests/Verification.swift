import NotionWebhooks
import TestSupport

/// The seed of this target's property tests.
let testSeed = SeededGenerator()

/// What every test of this target signs with.
let testToken: VerificationToken = {
    guard let token = VerificationToken("secret_simulator") else { preconditionFailure("The token is a good one.") }
    return token
}()

func sign(_ body: [UInt8]) -> String { Signature.sign(body.span, with: testToken) }

func verify(_ body: [UInt8], signature: String) throws(SignatureError) {
    let header = Array(signature.utf8)
    let untrusted = UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1)
    _ = try SignatureVerifier(tokens: [testToken]).verify(untrusted)
}

/// Signs, verifies and decodes.
func read(_ body: [UInt8], _ look: (borrowing Delivery) throws -> Void) throws {
    let header = Array(sign(body).utf8)
    let untrusted = UntrustedDelivery(body: body.span, signature: header.span, signatureCount: 1)
    let verified = try SignatureVerifier(tokens: [testToken]).verify(untrusted)
    try look(Delivery(verified))
}
