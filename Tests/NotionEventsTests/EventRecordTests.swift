import NotionEvents
import NotionWebhooks
import TestSupport
import Testing

@Suite
struct EventRecordTests {
    static let id = "153104cd-477e-809d-8dc1-ff2d96bdd4ed"
    static let other = "260d1674-a7fc-860c-864a-6c92d520ef8b"

    /// The event of a delivery with this in front of what is required.
    private func event(_ members: String) throws -> Event {
        try Event(FilledRecord(#"{\#(members)"id":"e","entity":{"id":"x","type":"page"}}"#).value)
    }

    @Test
    func `the least delivery gives every member`() throws {
        let record = try FilledRecord(#"{"id":"e","entity":{"id":"x"}}"#)
        #expect(
            record.text == #"""
                {"id":"e","type":"unknown","occurred_at":null,"attempt":null,"api_version":null,\#
                "workspace":{"id":null,"name":null},"subscription_id":null,"integration_id":null,\#
                "entity":{"type":null,"id":"x"},"parent":null,"page_id":null,"authors":[],"aggregated":null,\#
                "changes":{"blocks":[],"properties":[],"fields":[]},"data":null}
                """#
        )
        #expect(record.typeIndex == 31)
        #expect(
            record.headers.keys.sorted() == [
                "ce_dataschema", "ce_id", "ce_partitionkey", "ce_recordedtime", "ce_source", "ce_specversion",
                "ce_type",
                "content-type", "traceparent",
            ]
        )
        #expect(record.headers["ce_source"] == "/notion")
        #expect(record.headers["ce_type"] == "com.notion.unknown")
    }

    static let parents: [(String, Event.Parent?)] = [
        (#"{"id":"i","type":"page"}"#, Event.Parent(type: "page", id: "i")),
        (#"{"id":"i","type":"database"}"#, Event.Parent(type: "database", id: "i")),
        (
            #"{"id":"i","type":"database","data_source_id":"s"}"#,
            Event.Parent(type: "data_source", id: "s", databaseID: "i")
        ),
        (#"{"id":"i","data_source_id":"s"}"#, Event.Parent(type: "data_source", id: "s", databaseID: "i")),
        (#"{"data_source_id":"s"}"#, Event.Parent(type: "data_source", id: "s")),
        (
            #"{"type":"page","id":"i","data_source_id":"s"}"#,
            Event.Parent(type: "data_source", id: "s", databaseID: "i")
        ),
        (#"{"id":"i","type":"database","data_source_id":null}"#, Event.Parent(type: "database", id: "i")),
        (#"{"id":"i","type":"database","data_source_id":""}"#, Event.Parent(type: "database", id: "i")),
        (#"{"id":"i"}"#, Event.Parent(id: "i")),
        (#"{"type":"agent"}"#, Event.Parent(type: "agent")),
        ("{}", nil),
        ("null", nil),
        ("[]", nil),
        (#""page""#, nil),
        (#"{"id":5,"type":[]}"#, nil),
    ]

    @Test(arguments: parents)
    func `a parent has one shape`(parent: String, expected: Event.Parent?) throws {
        #expect(try event(#""data":{"parent":\#(parent)},"#).parent == expected)
    }

    @Test(arguments: [
        ("Zq%3Fm", "Zq?m"), ("title", "title"), ("%7BtKa", "{tKa"), ("%257B", "%7B"), ("a%", "a%"), ("a%4", "a%4"),
        ("%zz%41", "%zzA"), ("%C3%A9", "é"), ("%FF", "%FF"), ("%41%FF", "%41%FF"), ("%22", "\""), ("%5C", "\\"),
        ("%00", "\0"), ("%0a", "\n"), (#"\u0025\u0037B"#, "{"), (#"\u00e9%41"#, "éA"), ("", ""), ("%%41", "%A"),
        ("%E2%98%95☕", "☕☕"),
    ])
    func `a property's id loses its percent-encoding once`(raw: String, id: String) throws {
        let strings = try event(#""data":{"updated_properties":["\#(raw)"]},"#)
        #expect(strings.changes.properties == [.init(id: id)])
        let objects = try event(#""data":{"updated_properties":[{"name":null,"id":"\#(raw)","action":"deleted"}]},"#)
        #expect(objects.changes.properties == [.init(id: id, name: nil, action: "deleted")])
    }

    @Test
    func `what does not belong into a list of changes is left out`() throws {
        let lists = #"""
            "data":{"updated_properties":[1,null,{"name":"n"},["x"],"a"],"updated_fields":[{},"name",5],
            "updated_blocks":["x",{"id":"b","type":"block"},{}]},
            """#
        let changes = try event(lists).changes
        #expect(changes.properties == [.init(id: "a")])
        #expect(changes.fields == ["name"])
        #expect(changes.blocks == [.init(type: "block", id: "b"), .init()])
        let broken = try event(#""data":{"updated_properties":{},"updated_fields":"x","updated_blocks":null},"#)
        #expect(broken.changes == .init())
    }

    @Test
    func `what has no place is kept as unknown`() throws {
        let members = #"""
            "lat\u0065r" : {"a" : [ 1 ]} ,"attempt_number":"1","authors":[{"id":"a","type":"bot","owner":{"id":"w"}}],
            "accessible_by":5,
            """#
        let event = try event(members)
        #expect(event.authors == [.init(type: "bot", id: "a")])
        #expect(event.attempt == nil)
        #expect(event.accessibleBy == nil)
        let unknown = #"""
            {"later":{"a" : [ 1 ]},"attempt_number":"1","authors":[{"id":"a","type":"bot","owner":{"id":"w"}}],\#
            "accessible_by":5}
            """#
        #expect(text(event.unknown) == unknown)
        let entity = try Event(FilledRecord(#"{"id":"e","entity":{"id":"x","later":1}}"#).value)
        #expect(text(entity.unknown) == #"{"entity":{"id":"x","later":1}}"#)
    }

    @Test(arguments: [
        (KeyStrategy.entity, "comment", #""page_id":"\#(id)""#, other),
        (.page, "comment", #""page_id":"\#(id)""#, id),
        (.page, #"c\u006fmment"#, #""page_id":"153104CD477E809D8DC1FF2D96BDD4ED""#, id),
        (.page, "comment", #""page_id":null"#, other),
        (.page, "page", #""page_id":"\#(id)""#, other),
        (.workspace, "comment", "", "b2cd3173-5274-46d6-b7e7-82b085abaed1"),
    ])
    func `a record is keyed by the strategy`(key: KeyStrategy, type: String, data: String, expected: String) throws {
        let body = #"""
            {"id":"e","workspace_id":"B2CD3173-5274-46D6-B7E7-82B085ABAED1",\#
            "entity":{"id":"\#(Self.other)","type":"\#(type)"},"data":{\#(data)}}
            """#
        let record = try FilledRecord(body, key: key)
        #expect(record.key == expected)
        #expect(record.headers["ce_partitionkey"] == expected)
    }

    @Test
    func `without a workspace its strategy falls back to the entity`() throws {
        #expect(try FilledRecord(#"{"id":"e","entity":{"id":"x"}}"#, key: .workspace).key == "x")
    }

    @Test
    func `headers hold plain text`() throws {
        let body = #"""
            {"id":"\u0065\u00e9 1","type":"page.\u0063reated","timestamp":"2026-10-06T09:02:47.713\u005a",
            "attempt_number":8,"workspace_id":"w\u002f1 é","subscription_id":"153104CD477E809D8DC1FF2D96BDD4ED",
            "entity":{"id":"x/y","type":"p\u0061ge"}}
            """#
        let record = try FilledRecord(body)
        #expect(
            record.headers == [
                "ce_specversion": "1.0",
                "ce_id": "eé 1",
                "ce_source": "/notion/workspaces/w%2F1%20%C3%A9/subscriptions/\(Self.id)",
                "ce_type": "com.notion.page.created",
                "ce_time": "2026-10-06T09:02:47.713Z",
                "ce_subject": "page/x/y",
                "ce_partitionkey": "x/y",
                "ce_dataschema": "urn:notion-relay:schema:notion-event:v1",
                "content-type": "application/json",
                "traceparent": "00-0102030405060708090a0b0c0d0e0f10-1112131415161718-01",
                "ce_attempt": "8",
                "ce_recordedtime": "2026-09-21T14:13:20.123Z",
            ]
        )
        #expect(record.headerCount == 12)
        #expect(record.eventID == "eé 1")
        #expect(record.typeIndex == 0)
    }

    @Test(arguments: ["", "yesterday", "2026-10-06", "2026-10-06T09:02:47", "1790000000123", "2026-13-06T09:02:47Z"])
    func `a time that is none is kept in the value but not in a header`(timestamp: String) throws {
        let record = try FilledRecord(#"{"id":"e","entity":{"id":"x"},"timestamp":"\#(timestamp)"}"#)
        #expect(record.headers["ce_time"] == nil)
        #expect(try Event(record.value).occurredAt == timestamp)
    }

    @Test
    func `a record that is filled again forgets what it held`() throws {
        var record = EventRecord()
        let large = String(repeating: #"\"é"#, count: 200_000)
        let body = Array(#"{"id":"e","entity":{"id":"x"},"workspace_name":"\#(large)","data":"\#(large)"}"#.utf8)
        #expect(try FilledRecord(body, in: &record) == FilledRecord(body))
        for payload in NotionPayload.events {
            let first = try FilledRecord(payload.body, in: &record)
            #expect(try FilledRecord(payload.body) == first)
            #expect(try FilledRecord(payload.body, in: &record) == first)
        }
    }

    @Test
    func `every header's name occurs once`() throws {
        for payload in NotionPayload.events {
            let record = try FilledRecord(payload.body)
            #expect(record.headers.count == record.headerCount)
            #expect(record.headers.values.allSatisfy { !$0.isEmpty })
            #expect(record.headerCount == 12)
        }
    }
}
