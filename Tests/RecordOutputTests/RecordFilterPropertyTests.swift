import Kafka
import TestSupport
import Testing
import Timestamps

@testable import RecordOutput

/// Filters and records out of a few words, so that they often meet, compared with a model that is slow and plain.
@Suite
struct RecordFilterPropertyTests {
    private static let ids = [
        "260d1674-1a2b-4c3d-8e4f-0123456789ab", "260d1674-1a2b-4c3d-8e4f-0123456789ac",
        "11111111-2222-8333-8444-555555555555", "k1", "k2", "",
    ]
    private static let types = ["page.created", "page.deleted", "page", "comment.created", "x"]
    private static let times = ["2026-10-06T09:02:47.713Z", "2026-10-06T09:02:47.714Z", "never", "1791277367713"]

    /// The flags, with ids as records have them.
    private struct Asked {
        var entity: [String]?
        var type: [String]?
        var workspace: [String]?
        var id: [String]?
        var from: Int64?
        var to: Int64?

        func wants(_ record: Record) -> Bool {
            func header(_ name: String) -> String? {
                record.headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
            }
            if let entity {
                let key = record.key.map { String(decoding: $0, as: UTF8.self) }
                let subject = header("ce_subject").flatMap { subject in
                    subject.contains("/") ? subject.drop { $0 != "/" }.dropFirst() : nil
                }
                guard entity.contains(where: { $0 == key || $0[...] == subject }) else { return false }
            }
            if let type {
                guard let found = header("ce_type") else { return false }
                let name = found.hasPrefix("com.notion.") ? found.dropFirst(11) : found[...]
                let isWanted = type.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : $0[...] == name }
                guard isWanted else { return false }
            }
            if let workspace {
                guard let source = header("ce_source") else { return false }
                let parts = source.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                guard parts.count > 3, parts[0...2] == ["", "notion", "workspaces"], workspace.contains(parts[3]) else {
                    return false
                }
            }
            if let id {
                guard let found = header("ce_id"), id.contains(found) else { return false }
            }
            if from != nil || to != nil {
                guard let time = header("ce_time").flatMap({ Timestamp.milliseconds($0) }) else { return false }
                guard time >= from ?? .min, time < to ?? .max else { return false }
            }
            return true
        }
    }

    @Test
    func `a filter wants what a plain model wants`() throws {
        var random = SeededGenerator()
        var wanted = 0
        for round in 0..<4000 {
            let asked = Self.asked(&random)
            let filter = try RecordFilter(
                entity: asked.entity.map { Self.written($0, &random) },
                type: asked.type?.joined(separator: ","),
                workspace: asked.workspace.map { Self.written($0, &random) },
                id: asked.id?.joined(separator: ","),
                occurredFrom: asked.from,
                occurredTo: asked.to
            )
            for _ in 0..<4 {
                let record = Self.record(&random)
                #expect(filter.matches(record) == asked.wants(record), "\(random), round \(round): \(asked) \(record)")
                wanted += filter.matches(record) ? 1 : 0
            }
            let given = Dictionary(uniqueKeysWithValues: filter.arguments.map { ($0.flag, $0.value) })
            let again = try RecordFilter(
                entity: given["--entity"],
                type: given["--type"],
                workspace: given["--workspace"],
                id: given["--id"],
                occurredFrom: given["--occurred-from"].flatMap { Timestamp.milliseconds($0) },
                occurredTo: given["--occurred-to"].flatMap { Timestamp.milliseconds($0) }
            )
            #expect(again == filter, "\(random), round \(round): \(given)")
        }
        #expect(wanted > 1000 && wanted < 15_000, "\(random)")
    }

    /// Any bytes may stand behind a flag and in a header.
    @Test
    func `no text and no record stops the program`() {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let bytes = random.bytes(like: "https://w.notion.so/?p=&#-0af,*", countMax: 80)
            let text = String(decoding: bytes, as: UTF8.self)
            let filter = try? RecordFilter(entity: text, type: Bool.random(using: &random) ? nil : "*", workspace: text)
            let names = ["ce_subject", "ce_source", "ce_type", "ce_time", "ce_id"]
            let record = Record(
                topic: "t",
                key: random.bytes(like: "/", countMax: 3),
                headers: names.map { .init(name: $0, value: random.bytes(like: "/notion/workspaces/", countMax: 30)) },
                value: nil
            )
            _ = filter?.matches(record)
        }
    }

    private static func asked(_ random: inout SeededGenerator) -> Asked {
        func some(_ list: [String], _ random: inout SeededGenerator) -> [String]? {
            guard Int.random(in: 0..<3, using: &random) == 0 else { return nil }
            let usable = list.filter { !$0.isEmpty }
            return (0..<Int.random(in: 1...3, using: &random)).map { _ in usable.randomElement(using: &random) ?? "" }
        }
        var asked = Asked()
        asked.entity = some(ids, &random)
        asked.type = some(types + ["page.*", "*"], &random)
        asked.workspace = some(ids, &random)
        asked.id = some(ids, &random)
        let time: Int64 = 1_791_277_367_712
        if Bool.random(using: &random) { asked.from = time + .random(in: 0...2, using: &random) }
        if Bool.random(using: &random) { asked.to = (asked.from ?? time) + .random(in: 1...2, using: &random) }
        return asked
    }

    /// Ids in any of their forms.
    private static func written(_ ids: [String], _ random: inout SeededGenerator) -> String {
        ids.map { id in
            guard id.count == 36 else { return id }
            let plain = id.replacing("-", with: "")
            let forms = [id, id.uppercased(), plain, "https://www.notion.so/A-\(plain)?pvs=4", " \(id)"]
            return forms.randomElement(using: &random) ?? id
        }.joined(separator: ",")
    }

    private static func record(_ random: inout SeededGenerator) -> Record {
        func one(_ list: [String]) -> String { list.randomElement(using: &random) ?? "" }
        var headers: [Record.Header] = []
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            let (name, text) =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: ("ce_id", one(ids))
                case 1: ("ce_type", one(["com.notion.", ""]) + one(types))
                case 2: ("ce_time", one(times))
                case 3: ("ce_subject", one(["page/", "", "/"]) + one(ids))
                case 4:
                    ("ce_source", one(["/notion/workspaces/", "/notion/"]) + one(ids) + one(["", "/subscriptions/s"]))
                default: (one(["ce_ix", "ce_timE", "content-type", "ce_sourcf"]), one(ids))
                }
            let isNull = Int.random(in: 0..<12, using: &random) == 0
            headers.append(Record.Header(name: name, value: isNull ? nil : Array(text.utf8)))
        }
        let key = Bool.random(using: &random) ? Array(one(ids).utf8) : nil
        return Record(topic: "t", key: key, headers: headers, value: nil)
    }
}
