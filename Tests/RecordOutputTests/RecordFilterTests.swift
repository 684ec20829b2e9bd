import Kafka
import Testing

@testable import RecordOutput

@Suite
struct RecordFilterTests {
    private static let page = "260d1674-1a2b-4c3d-8e4f-0123456789ab"
    private static let plain = "260d16741a2b4c3d8e4f0123456789ab"
    private static let other = "11111111-2222-8333-8444-555555555555"

    static func record(key: String?, _ headers: [(String, String?)] = []) -> Record {
        Record(
            topic: "t",
            key: key.map { Array($0.utf8) },
            headers: headers.map { Record.Header(name: $0.0, value: $0.1.map { Array($0.utf8) }) },
            value: nil
        )
    }

    private static let usual = record(
        key: page,
        [
            ("ce_specversion", "1.0"), ("ce_id", "e1"),
            ("ce_source", "/notion/workspaces/\(other)/subscriptions/\(page)"),
            ("ce_type", "com.notion.page.created"), ("ce_time", "2026-10-06T09:02:47.713Z"),
            ("ce_subject", "page/\(page)"), ("ce_partitionkey", page), ("content-type", "application/json"),
        ]
    )

    @Test(arguments: [
        page, page.uppercased(), plain, plain.uppercased(), " \(page) ", "\(other),\(page)", "x,\(plain)",
        "https://www.notion.so/harbour/Plan-of-2026-\(plain)", "https://notion.so/\(plain)?pvs=4",
        "HTTPS://WWW.NOTION.SO/\(plain.uppercased())", "www.notion.so/\(page)#\(other)",
        "https://harbour.notion.site/Plan-\(plain)/", "http://app.notion.com/p/\(plain)",
        "https://www.notion.so/harbour/\(other.replacing("-", with: ""))?v=\(other)&p=\(plain)&pm=s",
    ])
    func `an entity may be written in any form that Notion shows`(entity: String) throws {
        let filter = try RecordFilter(entity: entity)
        #expect(filter.matches(Self.usual))
        #expect(filter.matches(Self.record(key: Self.page)))
        #expect(!filter.matches(Self.record(key: "260d1674-1a2b-4c3d-8e4f-0123456789ac")))
        #expect(!filter.matches(Self.record(key: nil)))
    }

    @Test(arguments: [
        "https://www.notion.so/", "https://www.notion.so/harbour/Plan", "https://example.com/\(plain)",
        "https://notion.so.example.com/\(plain)", "https://notnotion.so/\(plain)", "https://www.notion.so/a\(plain)",
        "a,,b", "", " , ",
    ])
    func `what is no entity is refused with the flag's name`(entity: String) {
        let error = #expect(throws: RecordFilterError.self) { try RecordFilter(entity: entity) }
        #expect(error?.description.hasPrefix("--entity: write ") == true)
        #expect(error?.description.contains("\n") == false)
        #expect(throws: RecordFilterError.self) { try RecordFilter(workspace: entity) }
    }

    @Test
    func `a text that is no id is a key as it stands`() throws {
        let filter = try RecordFilter(entity: "k1, Öl/3")
        #expect(filter.matches(Self.record(key: "k1")))
        #expect(filter.matches(Self.record(key: "Öl/3")))
        #expect(!filter.matches(Self.record(key: "K1")))
        #expect(!filter.matches(Self.record(key: "k1 ")))
        #expect(filter.matches(Self.record(key: "x", [("ce_subject", "page/Öl/3")])))
    }

    /// With other key strategies the key is not the entity's id.
    @Test
    func `an entity is found by the subject too`() throws {
        let filter = try RecordFilter(entity: Self.plain)
        #expect(filter.matches(Self.record(key: Self.other, [("ce_subject", "comment/\(Self.page)")])))
        #expect(filter.matches(Self.record(key: nil, [("ce_subject", "/\(Self.page)")])))
        for subject in [Self.page, "page/\(Self.other)", "page/\(Self.page)/x", "page/", ""] {
            #expect(!filter.matches(Self.record(key: "x", [("ce_subject", subject)])), "\(subject)")
        }
        #expect(!filter.matches(Self.record(key: "x", [("ce_subject", nil)])))
    }

    @Test(arguments: [
        ("page.created", true), ("com.notion.page.created", true), ("page.*", true), ("*", true),
        ("comment.*,page.created", true), ("page.deleted", false), ("page.created.x", false), ("comment.*", false),
        ("com.notion.comment.*", false),
    ])
    func `a type is looked for behind its prefix`(type: String, isWanted: Bool) throws {
        let filter = try RecordFilter(type: type)
        #expect(filter.matches(Self.usual) == isWanted)
        #expect(filter.matches(Self.record(key: nil, [("ce_type", "page.created")])) == isWanted)
        #expect(!filter.matches(Self.record(key: Self.page)))
        #expect(!filter.matches(Self.record(key: Self.page, [("ce_type", nil)])))
    }

    @Test(arguments: [
        (other, true), (other.uppercased(), true), (other.replacing("-", with: ""), true), ("x,\(other)", true),
        (page, false), ("1", false),
    ])
    func `a workspace is looked for in the source`(workspace: String, isWanted: Bool) throws {
        let filter = try RecordFilter(workspace: workspace)
        #expect(filter.matches(Self.usual) == isWanted)
        #expect(filter.matches(Self.record(key: nil, [("ce_source", "/notion/workspaces/\(Self.other)")])) == isWanted)
        for source in ["/notion", "/notion/workspaces/", "/notion/subscriptions/\(Self.other)", "\(Self.other)", ""] {
            #expect(!filter.matches(Self.record(key: nil, [("ce_source", source)])), "\(source)")
        }
    }

    @Test
    func `a workspace that is no id is looked for as the source writes it`() throws {
        let filter = try RecordFilter(workspace: "a b/c")
        #expect(filter.matches(Self.record(key: nil, [("ce_source", "/notion/workspaces/a%20b%2Fc/subscriptions/d")])))
        #expect(filter.arguments.map(\.value) == ["a b/c"])
    }

    @Test
    func `an event's id is matched as it stands`() throws {
        #expect(try RecordFilter(id: "e0,e1").matches(Self.usual))
        #expect(try !RecordFilter(id: "E1").matches(Self.usual))
        #expect(try !RecordFilter(id: "e1").matches(Self.record(key: "e1")))
    }

    @Test
    func `times are a range without its end`() throws {
        let time: Int64 = 1_791_277_367_713
        #expect(try RecordFilter(occurredFrom: time).matches(Self.usual))
        #expect(try !RecordFilter(occurredFrom: time + 1).matches(Self.usual))
        #expect(try RecordFilter(occurredTo: time + 1).matches(Self.usual))
        #expect(try !RecordFilter(occurredTo: time).matches(Self.usual))
        #expect(try RecordFilter(occurredFrom: time, occurredTo: time + 1).matches(Self.usual))
        for headers: [(String, String?)] in [[], [("ce_time", nil)], [("ce_time", "soon")], [("ce_time", "")]] {
            #expect(try !RecordFilter(occurredFrom: 0).matches(Self.record(key: "a", headers)))
        }
        #expect(throws: RecordFilterError.self) { try RecordFilter(occurredFrom: time, occurredTo: time) }
        #expect(throws: RecordFilterError.self) { try RecordFilter(occurredTo: .max) }
    }

    @Test
    func `of headers with one name the last one counts`() throws {
        let twice = Self.record(key: nil, [("ce_id", "a"), ("ce_id", "b")])
        #expect(try !RecordFilter(id: "a").matches(twice))
        #expect(try RecordFilter(id: "b").matches(twice))
        #expect(try !RecordFilter(id: "a").matches(Self.record(key: nil, [("ce_id", "a"), ("ce_id", nil)])))
    }

    @Test
    func `all conditions must hold, and none wants everything`() throws {
        #expect(try RecordFilter().isEmpty)
        #expect(try RecordFilter().matches(Self.record(key: nil)))
        let all = try RecordFilter(entity: Self.page, type: "page.*", workspace: Self.other, id: "e1", occurredFrom: 0)
        #expect(all.matches(Self.usual) && !all.isEmpty)
        #expect(try !RecordFilter(entity: Self.page, type: "comment.*").matches(Self.usual))
        #expect(try !RecordFilter(entity: Self.other, type: "page.*").matches(Self.usual))
    }

    @Test
    func `a filter is written back in one way`() throws {
        let filter = try RecordFilter(
            entity: "b, https://www.notion.so/Plan-\(Self.plain),b",
            type: "page.*,com.notion.comment.created",
            workspace: Self.other.uppercased(),
            id: "2,10",
            occurredFrom: 0,
            occurredTo: 1_791_277_367_713
        )
        #expect(
            filter.arguments.map { "\($0.flag) \($0.value)" } == [
                "--entity \(Self.page),b", "--type comment.created,page.*", "--workspace \(Self.other)", "--id 10,2",
                "--occurred-from 1970-01-01T00:00:00.000Z", "--occurred-to 2026-10-06T09:02:47.713Z",
            ]
        )
        #expect(try RecordFilter().arguments.isEmpty)
        #expect(try RecordFilter(type: "b,a") == RecordFilter(type: "a,b,a"))
        #expect(try RecordFilter(entity: Self.plain) == RecordFilter(entity: Self.page))
        #expect(try RecordFilter(entity: Self.plain) != RecordFilter(workspace: Self.page))
    }

    @Test(arguments: ["P", "*.created", "page*", "a b", "page.created,", "**"])
    func `a type that is none is refused`(type: String) {
        let error = #expect(throws: RecordFilterError.self) { try RecordFilter(type: type) }
        #expect(error?.description.hasPrefix("--type: write ") == true)
    }

    @Test
    func `too many values are refused`() throws {
        let many = (0..<1000).map(String.init).joined(separator: ",")
        #expect(try RecordFilter(id: many).matches(Self.record(key: nil, [("ce_id", "999")])))
        #expect(throws: RecordFilterError.self) { try RecordFilter(id: many + ",x") }
    }
}
