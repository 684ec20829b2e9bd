import Foundation
import NotionEvents
import NotionWebhooks
import Testing

/// What the schemas say of themselves, and whether it is what the code says.
struct SchemaTests {
    @Test
    func `each schema has its id and its examples`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: SchemaFolder.url.path)
        let names = files.filter { $0.hasSuffix(".schema.json") }.map { String($0.dropLast(".schema.json".count)) }
        #expect(Set(names) == Set(SchemaFolder.ids.keys))
        for (name, id) in SchemaFolder.ids {
            #expect(try SchemaFolder.schema(name)["$id"] as? String == id)
            #expect(try !SchemaFolder.examples(of: name, areValid: true).isEmpty)
            #expect(try !SchemaFolder.examples(of: name, areValid: false).isEmpty)
        }
        #expect(SchemaFolder.ids["notion-event.v1"] == EventRecord.dataSchema)
    }

    @Test(arguments: ["notion-event.v1", "notion-delivery"])
    func `a schema has a branch for each type and one for all others`(name: String) throws {
        let schema = try SchemaFolder.schema(name)
        let definitions = try #require(schema["$defs"] as? [String: NSDictionary])
        let owner = name == "notion-delivery" ? try #require(definitions["event"]) : schema
        let branches = try #require(owner["oneOf"] as? [[String: String]])
        #expect(branches == (DeliveryType.known + ["any_other_type"]).map { ["$ref": "#/$defs/\($0)"] })
        for type in DeliveryType.known {
            #expect(definitions[type]?.value(at: "properties", "type", "const") as? String == type)
        }
        let others = definitions["any_other_type"]?.value(at: "properties", "type", "not", "enum")
        #expect(others as? [String] == DeliveryType.known)
    }

    @Test
    func `an event's branch says whether Notion gathers its type`() throws {
        let definitions = try #require(try SchemaFolder.schema("notion-event.v1")["$defs"] as? [String: NSDictionary])
        for type in DeliveryType.known {
            let said = try #require(definitions[type]?.value(at: "properties", "aggregated", "const"))
            #expect((said is NSNull ? nil : said as? Bool) == DeliveryType(type).isAggregated, "\(type)")
        }
        // It is null today, and may be said once the type is known.
        let others = definitions["any_other_type"]?.value(at: "properties", "aggregated", "type")
        #expect(others as? [String] == ["boolean", "null"])
    }

    @Test
    func `the reasons of dead letters are those that we give`() throws {
        let reason = try SchemaFolder.schema("dead-letter.v1").value(at: "properties", DeadLetterRecord.reasonHeader)
        let known = (reason as? NSDictionary)?["anyOf"] as? [[String: Any]]
        #expect(known?.first?["enum"] as? [String] == DeliveryError.allCases.map(\.rawValue))
    }
}

extension NSDictionary {
    /// The value at the end of a path of members.
    fileprivate func value(at path: String...) -> Any? {
        path.reduce(self as Any?) { ($0 as? NSDictionary)?[$1] }
    }
}
