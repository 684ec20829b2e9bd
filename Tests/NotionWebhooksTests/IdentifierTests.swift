import NotionWebhooks
import Testing

@Suite
struct IdentifierTests {
    static let canonical = "153104cd-477e-809d-8dc1-ff2d96bdd4ed"

    private func written(_ spelling: String) throws -> (form: Identifier.Form, text: String?) {
        let bytes = Array("\"\(spelling)\"".utf8)
        var scanner = JSONScanner(bytes.span)
        let id = bytes.span.identifier(try scanner.string())
        let plain = bytes.span.unescaped(id.string)
        return (id.form, CanonicalID(plain.span).map { String(decoding: $0.bytes, as: UTF8.self) })
    }

    @Test(arguments: [
        (canonical, Identifier.Form.canonical),
        ("153104cd477e809d8dc1ff2d96bdd4ed", .convertible),
        ("153104CD-477E-809D-8DC1-FF2D96BDD4ED", .convertible),
        ("153104CD477E809D8DC1FF2D96BDD4ED", .convertible),
        (#"153104cd\u002d477e-809d-8dc1-ff2d96bdd4ed"#, .convertible),
        (#"\u0031\u0035\u0033104cd477e809d8dc1ff2d96bdd4ed"#, .convertible),
    ])
    func `every spelling of a UUID becomes the canonical one`(spelling: String, form: Identifier.Form) throws {
        let id = try written(spelling)
        #expect(id.form == form)
        #expect(id.text == Self.canonical)
    }

    @Test(arguments: [
        "", "x", "153104cd-477e-809d-8dc1-ff2d96bdd4e", "153104cd-477e-809d-8dc1-ff2d96bdd4eg",
        "153104cd4-77e-809d-8dc1-ff2d96bdd4ed", "153104cd-477e-809d-8dc1ff2d96bdd4ed0",
        "-53104cd477e809d8dc1ff2d96bdd4ed",
        "{153104cd-477e-809d-8dc1-ff2d96bdd4ed}", "153104cd-477e-809d-8dc1-ff2d96bdd4é",
        "------------------------------------",
    ])
    func `anything else stays as it is`(spelling: String) throws {
        let id = try written(spelling)
        #expect(id.form == .other)
        #expect(id.text == nil)
    }
}
