import Doctor
import Foundation
import NotionWebhooks
import TestSupport
import Testing

/// What is said of a signature, and of what was done to the bytes since they were signed.
@Suite
struct SignatureInspectionTests {
    private static let text =
        #"{"id":"0b6d7d1e-3a54-4c0e-9f3c-5d0f4d7d9a10","workspace_name":"Café R&D <lab> ☕ 𝄞 a/b","#
        + #""attempt_number":3,"type":"page.created"}"#
    private static let body = Array(text.utf8)

    private let token: VerificationToken
    private let other: VerificationToken

    init() throws {
        token = try #require(VerificationToken("secret_mine"))
        other = try #require(VerificationToken("secret_other"))
    }

    private func inspect(_ body: [UInt8], signedAs signed: [UInt8] = body) -> SignatureInspection {
        SignatureInspection(body, header: Signature.sign(signed.span, with: token), tokens: [other, token])
    }

    @Test
    func `the token that signed is named, and digits may be in either case`() {
        #expect(inspect(Self.body) == .right(fingerprint: token.fingerprint))
        let header = Signature.sign(Self.body.span, with: token)
        let upper = "sha256=" + header.dropFirst(7).uppercased()
        #expect(
            SignatureInspection(Self.body, header: upper, tokens: [token]) == .right(fingerprint: token.fingerprint)
        )
    }

    private static let rewritten: [(change: [BodyChange], text: String)] = [
        ([.finalLineFeed], text + "\n"),
        ([.finalLineFeed], text + " \r\n"),
        ([.byteOrderMark], "\u{FEFF}" + text),
        ([.whiteSpace], text.replacing(",\"", with: ", \"").replacing("\":", with: "\": ")),
        ([.whiteSpace], text.replacing(",\"", with: ",\n  \"")),
        // Python's json.dumps with separators, Go's encoding/json, PHP's json_encode.
        (
            [.escapes],
            text.replacing("é", with: "\\u00e9").replacing("☕", with: "\\u2615").replacing("𝄞", with: "\\ud834\\udd1e")
        ),
        (
            [.escapes],
            text.replacing("&", with: "\\u0026").replacing("<", with: "\\u003c").replacing(">", with: "\\u003e")
        ),
        ([.escapes], text.replacing("/", with: "\\/")),
        (
            [.whiteSpace, .escapes],
            text.replacing(",\"", with: ", \"").replacing("é", with: "\\u00E9") + "\n"
        ),
    ]

    @Test(arguments: rewritten)
    func `what was done to the bytes is named`(change: [BodyChange], text: String) {
        let expected = SignatureInspection.changed(fingerprint: token.fingerprint, change, attempt: nil)
        #expect(inspect(Array(text.utf8), signedAs: Self.body) == expected)
    }

    @Test
    func `a line feed that was cut off and characters that had been escapes are found too`() {
        let cut = inspect(Self.body, signedAs: Self.body + [0x0A])
        #expect(cut == .changed(fingerprint: token.fingerprint, [.cutLineFeed], attempt: nil))
        let escaped = Array(
            Self.text.replacing("é", with: "\\u00e9").replacing("☕", with: "\\u2615")
                .replacing("𝄞", with: "\\ud834\\udd1e").utf8
        )
        let written = inspect(Self.body, signedAs: escaped)
        #expect(written == .changed(fingerprint: token.fingerprint, [.unescaped], attempt: nil))
    }

    @Test
    func `the signature of another attempt of the same event is recognized`() {
        let second = Array(Self.text.replacing(#""attempt_number":3"#, with: #""attempt_number":2"#).utf8)
        let found = inspect(Self.body + [0x0A], signedAs: second)
        #expect(found == .changed(fingerprint: token.fingerprint, [.finalLineFeed], attempt: 2))
    }

    @Test
    func `another token, or a changed value, is wrong whatever is undone`() {
        let wrong = SignatureInspection(
            Self.body,
            header: Signature.sign(Self.body.span, with: token),
            tokens: [other]
        )
        #expect(wrong == .wrong(tokens: [other.fingerprint], isAlphabetical: false))
        let changed = Array(Self.text.replacing("Café", with: "Cafe").utf8)
        #expect(inspect(changed, signedAs: Self.body).isRefused)
    }

    @Test
    func `members in alphabetical order are reported`() {
        let sorted = Array(
            #"{"attempt_number":1,"authors":[],"entity":{},"id":"x","timestamp":"t","type":"page.created"}"#.utf8
        )
        let found = SignatureInspection(sorted, header: Signature.sign([1].span, with: token), tokens: [token])
        #expect(found == .wrong(tokens: [token.fingerprint], isAlphabetical: true))
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("X-Notion-Signature: sha256=00", "it begins with the header's name; give its value alone"),
        ("SHA256=" + String(repeating: "0", count: 64), "sha256= has to be in lower case"),
        (String(repeating: "0", count: 64), "sha256= at the beginning is missing"),
        ("sha1=00", "it does not begin with sha256="),
        ("sha256=00", "it has 2 characters after sha256=, not 64"),
        ("sha256=" + String(repeating: "g", count: 64), "the characters after sha256= are not hexadecimal"),
        ("\"sha256=00\"", "it has quotation marks around it"),
    ])
    func `a header of another form says what is wrong with it`(header: String, problem: String) {
        #expect(SignatureInspection(Self.body, header: header, tokens: [token]) == .malformed(problem))
    }

    @Test
    func `without signature or token nothing is wrong`() {
        #expect(SignatureInspection(Self.body, header: nil, tokens: [token]) == .notGiven)
        let header = Signature.sign(Self.body.span, with: token)
        #expect(SignatureInspection(Self.body, header: header, tokens: []) == .noToken)
    }

    @Test
    func `undoing a change reads within the body`() {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            let bytes = random.bytes(like: #"\u00e9\ud834\udd1e\/"{}: ,é"#, countMax: 40)
            for change in BodyChange.allCases { _ = change.undone(bytes) }
        }
        _ = SignatureInspection(
            random.bytes(like: #""attempt_number":8"#, countMax: 60),
            header: Signature.sign([1].span, with: token),
            tokens: [token]
        )
    }
}
