import NotionWebhooks
import Testing

@Suite
struct VerificationTokenTests {
    @Test(arguments: ["", "two words", "tab\t", "line\n", "café", "nul\0", String(repeating: "x", count: 513)])
    func `what cannot be a token is none`(text: String) {
        #expect(VerificationToken(text) == nil)
    }

    @Test(arguments: ["x", "secret_abc", "a,b:c/d+e=", String(repeating: "x", count: 512)])
    func `any other text is opaque`(text: String) {
        #expect(VerificationToken(text)?.revealed() == text)
    }

    @Test
    func `no description gives a token away`() throws {
        let token = try #require(VerificationToken("secret_do_not_show"))
        var dumped = ""
        dump(token, to: &dumped)
        dump([token], to: &dumped)
        for text in ["\(token)", String(reflecting: token), String(describing: [token]), dumped] {
            #expect(!text.contains("secret_do_not_show"))
            #expect(!text.contains("115"), "The bytes must not show as numbers either.")
        }
    }

    @Test
    func `the fingerprint is the start of the token's SHA-256`() throws {
        #expect(try #require(VerificationToken("abc")).fingerprint == "ba7816bf8f01")
        #expect("\(try #require(VerificationToken("abc")))" == "<verification token ba7816bf8f01>")
    }

    @Test
    func `tokens are equal if their texts are`() {
        #expect(VerificationToken("a") == VerificationToken("a"))
        #expect(VerificationToken("a") != VerificationToken("b"))
        #expect(VerificationToken("a") != VerificationToken("aa"))
    }
}
