import OutgoingWebhooks
import Testing

@Suite
struct WebhookSecretTests {
    private static func text(bytes: Int) -> String {
        // Base64 of zeros: four digits for three bytes, the rest padded.
        let digits = (bytes * 8 + 5) / 6
        return String(repeating: "A", count: digits) + String(repeating: "=", count: (4 - digits % 4) % 4)
    }

    @Test(arguments: [24, 25, 26, 32, 63, 64], ["", "whsec_"])
    func `24 to 64 bytes are taken, with the prefix or without`(bytes: Int, prefix: String) throws {
        let text = Self.text(bytes: bytes)
        let secret = try WebhookSecret(prefix + text)
        #expect(try secret == WebhookSecret(prefix + text.filter { $0 != "=" }), "padding may be missing")
        #expect(try secret != WebhookSecret("whsec_B" + text.dropFirst()))
    }

    @Test(arguments: [
        ("", WebhookSecretError.wrongLength(0)), ("whsec_", .wrongLength(0)),
        (text(bytes: 23), .wrongLength(23)), ("whsec_" + text(bytes: 65), .wrongLength(65)),
        ("whsec_" + text(bytes: 100), .wrongLength(100)),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", .notBase64),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_", .notBase64),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", .notBase64),
        (" whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .notBase64),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwA", .notBase64),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=", .notBase64),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==w", .notBase64),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS\u{E4}", .notBase64),
        ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .notBase64),
        ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .asymmetric),
        ("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .asymmetric),
    ])
    func `what is no secret is refused in one line that does not tell it`(text: String, error: WebhookSecretError) {
        #expect(throws: error) { try WebhookSecret(text) }
        let message = error.description
        #expect(!message.contains("\n") && message.contains("openssl rand"))
        #expect(!message.contains("MfKQ9r8G"))
    }

    @Test
    func `a secret never shows itself`() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        var dumped = ""
        dump(["key": secret], to: &dumped)
        let shown = ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped]
        for text in shown {
            #expect(text.contains("<redacted>"))
            // The key's first bytes, as base64 and as numbers.
            #expect(!text.contains("MfKQ") && !text.contains("49"))
        }
    }
}
