import NotionEvents
import TestSupport
import Testing

/// Where schema and decoder differ: the schema says what is written, the decoder takes more. The list is that of
/// schemas/README.md.
struct LeniencyTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let why: String
        let old: String
        let new: String

        var testDescription: String { why }
    }

    private static let value =
        #"{"id":"e","type":"page.locked","occurred_at":null,"attempt":1,"api_version":null,"#
        + #""workspace":{"id":null,"name":null},"subscription_id":null,"integration_id":null,"#
        + #""entity":{"type":"page","id":"x"},"parent":null,"page_id":null,"authors":[],"aggregated":false,"#
        + #""changes":{"blocks":[],"properties":[{"id":"title"}],"fields":[]},"data":{}}"#

    static let decoderTakesMore = [
        Case(why: "a member is absent", old: #""occurred_at":null,"#, new: ""),
        Case(why: "a list is null", old: #""authors":[]"#, new: #""authors":null"#),
        Case(why: "an object is null", old: #""workspace":{"id":null,"name":null}"#, new: #""workspace":null"#),
        Case(why: "an element is null", old: #""authors":[]"#, new: #""authors":[null]"#),
        Case(why: "an attempt below zero", old: #""attempt":1"#, new: #""attempt":-1"#),
        Case(why: "an attempt of ten digits", old: #""attempt":1"#, new: #""attempt":1000000000"#),
        Case(why: "a property without id", old: #"{"id":"title"}"#, new: "{}"),
        Case(why: "the wrong word on gathering", old: #""aggregated":false"#, new: #""aggregated":true"#),
        Case(
            why: "an id too long for a header",
            old: #""id":"e""#,
            new: #""id":"\#(String(repeating: "e", count: 257))""#
        ),
        Case(why: "unknown members that are no object", old: #""data":{}"#, new: #""data":{},"unknown":5"#),
    ]

    static let schemaTakesMore = [
        Case(why: "a whole number with a fraction", old: #""attempt":1"#, new: #""attempt":1.0"#),
        Case(why: "a whole number with an exponent", old: #""attempt":1"#, new: #""attempt":1e1"#),
        Case(why: "a member that comes twice", old: #""id":"e""#, new: #""id":"e","id":"e""#),
        Case(
            why: "514 lists in one another",
            old: #""data":{}"#,
            new: #""data":\#(String(repeating: "[", count: 514) + String(repeating: "]", count: 514))"#
        ),
    ]

    private func text(_ difference: Case) -> String {
        Self.value.replacing(difference.old, with: difference.new, maxReplacements: 1)
    }

    private func verdicts(_ texts: [String]) async throws -> [String?] {
        try await SchemaValidator.verdicts(texts.map { .init(schema: EventRecord.dataSchema, text: $0) })
    }

    @Test(.needsPython(with: "jsonschema"))
    func `the differences between schema and decoder are the known ones`() async throws {
        let lenient = Self.decoderTakesMore.map(text)
        let strict = Self.schemaTakesMore.map(text)
        #expect(!(lenient + strict).contains(Self.value), "each case changes something")
        let verdicts = try await verdicts([Self.value] + lenient + strict)
        #expect(verdicts[0] == nil)
        for (difference, verdict) in zip(Self.decoderTakesMore, verdicts.dropFirst()) {
            #expect(verdict != nil, "\(difference.why)")
        }
        for (difference, verdict) in zip(Self.schemaTakesMore, verdicts.dropFirst(1 + lenient.count)) {
            #expect(verdict == nil, "\(difference.why): \(verdict ?? "")")
        }
    }

    @Test(arguments: decoderTakesMore)
    func `the decoder takes it`(difference: Case) {
        #expect(throws: Never.self) { try Event(value: Array(text(difference).utf8).span) }
    }

    @Test(arguments: schemaTakesMore)
    func `the decoder refuses it`(difference: Case) {
        #expect(throws: EventError.self) { try Event(value: Array(text(difference).utf8).span) }
    }
}
