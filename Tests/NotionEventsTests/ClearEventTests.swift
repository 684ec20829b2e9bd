import NotionEvents
import NotionWebhooks
import Testing

/// An event whose ids, type and entity are clear is published, whatever its other values are.
struct ClearEventTests {
    /// Members beside ids, type and entity, and what event v1 makes of them.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let members: String
        var check: @Sendable (Event) -> Bool = { _ in true }

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "half a pair in the workspace's name", members: #""workspace_name":"Harbour \ud83d""#) {
            $0.workspace.name == "Harbour \u{FFFD}"
        },
        Case(name: "the other half", members: #""workspace_name":"\ude00 Harbour""#) {
            $0.workspace.name == "\u{FFFD} Harbour"
        },
        Case(name: "half a pair before a whole one", members: #""workspace_name":"\ud83d\ud83d\ude00""#) {
            $0.workspace.name == "\u{FFFD}😀"
        },
        Case(name: "half a pair in data, in values and names", members: #""data":{"a":["\ud83d"],"\udc00":"\udfff"}"#) {
            text($0.data) == #"{"a":["\ud83d"],"\udc00":"\udfff"}"#
        },
        Case(
            name: "half a pair in changes",
            members: #""data":{"updated_properties":[{"id":"a\ud83d","name":"\ud83d"}]}"#
        ) {
            $0.changes.properties == [.init(id: "a\u{FFFD}", name: "\u{FFFD}")]
        },
        Case(name: "half a pair in a parent's id", members: #""data":{"parent":{"id":"\ud83d","type":"page"}}"#) {
            $0.parent == .init(type: "page", id: "\u{FFFD}")
        },
        Case(name: "half a pair in an author's id", members: #""authors":[{"id":"\ud83d","type":"person"}]"#) {
            $0.authors == [.init(type: "person", id: "\u{FFFD}")]
        },
        Case(name: "half a pair in a name and a value that are unknown", members: #""later\ud83d":"\ud83d""#) {
            text($0.unknown) == "{\"later\u{FFFD}\":\"\\ud83d\"}"
        },
        Case(name: "half a pair in the time", members: #""timestamp":"\ud83d""#) { $0.occurredAt == "\u{FFFD}" },
        Case(name: "NUL and other controls in texts", members: #""workspace_name":"a\u0000b\u001f","data":"\u0000""#) {
            $0.workspace.name == "a\u{0}b\u{1F}" && text($0.data) == #""\u0000""#
        },
        Case(
            name: "numbers beyond any type",
            members: #""data":{"a":1e400,"b":-1E-400,"c":123456789012345678901234567890}"#
        ) {
            text($0.data) == #"{"a":1e400,"b":-1E-400,"c":123456789012345678901234567890}"#
        },
        Case(name: "an attempt beyond any type", members: #""attempt_number":1e400"#) {
            $0.attempt == nil && text($0.unknown) == #"{"attempt_number":1e400}"#
        },
        Case(
            name: "null where a list or an object is expected",
            members: #""authors":null,"accessible_by":null,"data":null"#
        ) {
            $0.authors.isEmpty && $0.accessibleBy == nil && $0.data == nil
        },
        Case(
            name: "null within lists",
            members: #""authors":[null,{"id":"a","type":"bot"}],"data":{"updated_blocks":[null]}"#
        ) {
            $0.authors == [.init(type: "bot", id: "a")] && $0.changes.blocks.isEmpty
        },
        Case(
            name: "values of other types",
            members: #""workspace_name":{},"authors":"me","timestamp":7,"api_version":[1]"#
        ) {
            $0.workspace.name == nil && $0.authors.isEmpty && $0.occurredAt == nil
                && text($0.unknown) == #"{"workspace_name":{},"authors":"me","timestamp":7,"api_version":[1]}"#
        },
        Case(name: "a name twice", members: #""workspace_name":"a","workspace_name":"b""#) { $0.workspace.name == "b" },
        Case(name: "an attempt twice", members: #""attempt_number":1,"attempt_number":2"#) { $0.attempt == 2 },
        Case(name: "authors twice", members: #""authors":[{"id":"a"}],"authors":[{"id":"b"}]"#) {
            $0.authors == [.init(id: "b")]
        },
        Case(name: "an author's id twice", members: #""authors":[{"id":"a","id":"b"}]"#) {
            $0.authors == [.init(id: "b")] && text($0.unknown) == #"{"authors":[{"id":"a","id":"b"}]}"#
        },
        Case(
            name: "data twice",
            members: #""data":{"page_id":"p","parent":{"id":"a"},"updated_fields":["f"]},"data":{"x":1}"#
        ) { $0.pageID == nil && $0.parent == nil && $0.changes.fields.isEmpty && text($0.data) == #"{"x":1}"# },
        Case(name: "a parent twice", members: #""data":{"parent":{"id":"a","type":"page"},"parent":{"id":"b"}}"#) {
            $0.parent == .init(id: "b")
        },
        Case(name: "a parent, then none", members: #""data":{"parent":{"id":"a"},"parent":null}"#) { $0.parent == nil },
        Case(name: "a parent's id twice", members: #""data":{"parent":{"id":"a","id":"b"}}"#) { $0.parent?.id == "b" },
        Case(name: "a property's id twice", members: #""data":{"updated_properties":[{"id":"a","id":"b"}]}"#) {
            $0.changes.properties.map(\.id) == ["b"]
        },
        Case(name: "500 levels within data", members: #""data":\#(nested(500))"#) { text($0.data) == nested(500) },
        Case(name: "1,000 unknown members", members: (0..<1000).map { #""m\#($0)":\#($0)"# }.joined(separator: ",")) {
            text($0.unknown)?.hasSuffix(#""m999":999}"#) == true
        },
        Case(name: "a long name", members: #""workspace_name":"\#(String(repeating: "x", count: 900_000))""#) {
            $0.workspace.name?.count == 900_000
        },
        Case(name: "a time that is none, and long", members: #""timestamp":"\#(String(repeating: "9", count: 1000))""#)
        {
            $0.occurredAt?.count == 1000
        },
        Case(name: "an empty time", members: #""timestamp":"""#) { $0.occurredAt?.isEmpty == true },
    ]

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test(arguments: cases, ContentMode.allCases)
    func `it is an event, and no other value of it is lost`(_ row: Case, mode: ContentMode) throws {
        let body = #"{"id":"e","type":"page.created","entity":{"id":"x","type":"page"},\#(row.members)}"#
        let record = try FilledRecord(Array(body.utf8), mode: mode)
        #expect(record.headers["ce_id"] == "e")
        #expect(record.headers["ce_subject"] == "page/x")
        let event = try Event(record.value)
        #expect(event.id == "e")
        #expect(event.type == "page.created")
        #expect(event.entity == .init(type: "page", id: "x"))
        #expect(row.check(event), "\(String(record.text.prefix(500)))")
    }

    @Test
    func `a time that is too long for a header is none`() throws {
        let time = "2026-10-06T09:02:47.\(String(repeating: "7", count: 400))Z"
        let body = #"{"id":"e","type":"page.created","entity":{"id":"x","type":"page"},"timestamp":"\#(time)"}"#
        let record = try FilledRecord(body)
        #expect(record.headers["ce_time"] == nil)
        #expect(try Event(record.value).occurredAt == time)
    }
}
