import NotionEvents
import NotionWebhooks
import TestSupport

/// A random delivery, and the event that must come of it however it is spelled.
struct RandomDelivery {
    private(set) var event: Event
    private var top: [(String, RandomJSON)] = []

    /// The body in one of its many spellings: order of keys, white space, escapes and forms of ids are random.
    func body(_ random: inout SeededGenerator) -> (bytes: [UInt8], event: Event) {
        var expected = event
        expected.unknown = nil
        var unknown: [String] = []
        var members: [String] = []
        for (name, value) in top.shuffled(using: &random) {
            let text = value.text(&random)
            members.append(RandomJSON.string(name).text(&random) + RandomJSON.space(&random) + ":" + text)
            if name == "data" { expected.data = text.first == "n" ? nil : Array(RandomJSON.trimmed(text).utf8) }
            if name.hasPrefix("later") { unknown.append(#""\#(name)":\#(RandomJSON.trimmed(text))"#) }
        }
        if !unknown.isEmpty { expected.unknown = Array("{\(unknown.joined(separator: ","))}".utf8) }
        let text = RandomJSON.space(&random) + "{" + members.joined(separator: ",") + "}" + RandomJSON.space(&random)
        return (Array(text.utf8), expected)
    }
}

// MARK: - What is in it

extension RandomDelivery {
    init(_ random: inout SeededGenerator) {
        let type = Bool.random(using: &random) ? DeliveryType.known.randomElement(using: &random) ?? "" : "later.type"
        event = Event(id: Self.uuid(&random), type: type, entity: Event.Reference(id: Self.uuid(&random)))
        event.aggregated = DeliveryType(type).isAggregated
        event.entity.type = ["page", "comment", "view", "später"].randomElement(using: &random)
        top.append(("id", .id(event.id)))
        top.append(("type", .string(type)))
        top.append(("entity", .reference(event.entity)))
        addEnvelope(&random)
        addPeople(&random)
        addData(&random)
        for index in 0..<Int.random(in: 0...2, using: &random) {
            top.append(("later\(index)", .object([("a", .array([.string("b"), .raw("-1.5e3")]))])))
        }
    }

    private mutating func addEnvelope(_ random: inout SeededGenerator) {
        if Bool.random(using: &random) {
            event.occurredAt = "2026-10-06T09:02:47.713Z"
            top.append(("timestamp", .string("2026-10-06T09:02:47.713Z")))
        }
        if Bool.random(using: &random) {
            event.workspace = Event.Workspace(id: Self.uuid(&random), name: Self.name(&random))
            top.append(("workspace_id", .id(event.workspace.id ?? "")))
            top.append(("workspace_name", .string(event.workspace.name ?? "")))
        }
        if Bool.random(using: &random) {
            event.subscriptionID = Self.uuid(&random)
            event.integrationID = "not a uuid"
            top.append(("subscription_id", .id(event.subscriptionID ?? "")))
            top.append(("integration_id", .string("not a uuid")))
        } else {
            top.append(("subscription_id", .raw("null")))
        }
        if Bool.random(using: &random) {
            event.attempt = Int.random(in: 1...8, using: &random)
            event.apiVersion = "2026-03-11"
            top.append(("attempt_number", .raw("\(event.attempt ?? 0)")))
            top.append(("api_version", .string("2026-03-11")))
        }
    }

    private mutating func addPeople(_ random: inout SeededGenerator) {
        event.authors = Self.references(&random)
        top.append(("authors", .array(event.authors.map(RandomJSON.reference))))
        if Bool.random(using: &random) {
            event.accessibleBy = Self.references(&random)
            top.append(("accessible_by", .array((event.accessibleBy ?? []).map(RandomJSON.reference))))
        }
    }

    private mutating func addData(_ random: inout SeededGenerator) {
        guard Int.random(in: 0..<5, using: &random) > 0 else {
            if Bool.random(using: &random) { top.append(("data", .raw("null"))) }
            return
        }
        var data: [(String, RandomJSON)] = [("later", .object([("deep", .array([.raw("true"), .string("x")]))]))]
        if Bool.random(using: &random) {
            event.pageID = Self.uuid(&random)
            data.append(("page_id", .id(event.pageID ?? "")))
        }
        if Bool.random(using: &random) { data.append(("parent", parent(&random))) }
        if Bool.random(using: &random) {
            event.changes.blocks = Self.references(&random)
            data.append(("updated_blocks", .array(event.changes.blocks.map(RandomJSON.reference))))
        }
        if Bool.random(using: &random) { data.append(("updated_properties", properties(&random))) }
        if Bool.random(using: &random) {
            event.changes.fields = ["name", "filter", "sor\"ts"]
            data.append(("updated_fields", .array(event.changes.fields.map(RandomJSON.string))))
        }
        top.append(("data", .object(data)))
    }

    private mutating func parent(_ random: inout SeededGenerator) -> RandomJSON {
        var parent = Event.Parent(type: "database", id: Self.uuid(&random))
        var members: [(String, RandomJSON)] = [("id", .id(parent.id ?? ""))]
        if Bool.random(using: &random) {
            members.append(("type", .string("database")))
        } else {
            parent.type = nil
        }
        if Bool.random(using: &random) {
            let id = Self.uuid(&random)
            members.append(("data_source_id", .id(id)))
            parent.databaseID = parent.id
            parent.type = "data_source"
            parent.id = id
        }
        event.parent = parent
        return .object(members)
    }

    private mutating func properties(_ random: inout SeededGenerator) -> RandomJSON {
        let ids = [("title", "title"), ("Zq%3Fm", "Zq?m"), ("%7BtKa", "{tKa"), ("a%22b", "a\"b"), ("%FF", "%FF")]
        let areDescribed = Bool.random(using: &random)
        var elements: [RandomJSON] = []
        for (encoded, id) in ids.shuffled(using: &random).prefix(Int.random(in: 0...5, using: &random)) {
            let name = areDescribed ? Self.name(&random) : nil
            event.changes.properties.append(Event.Property(id: id, name: name, action: areDescribed ? "updated" : nil))
            elements.append(
                areDescribed
                    ? .object([("id", .string(encoded)), ("name", .string(name ?? "")), ("action", .string("updated"))])
                    : .string(encoded)
            )
        }
        return .array(elements)
    }

    private static func references(_ random: inout SeededGenerator) -> [Event.Reference] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in Event.Reference(type: "person", id: uuid(&random)) }
    }

    private static func name(_ random: inout SeededGenerator) -> String {
        let parts = ["Harbour", "é", "☕", "😀", "\"", "\\", "/", "\n", "\u{1}", "<&>", "\u{7F}", " "]
        return (0..<Int.random(in: 0...8, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
            .joined()
    }

    private static func uuid(_ random: inout SeededGenerator) -> String {
        let digits = (0..<32).map { _ in String(Int.random(in: 0...15, using: &random), radix: 16) }
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].joined() }.joined(separator: "-")
    }
}

/// JSON that can be spelled in many ways.
indirect enum RandomJSON {
    case string(String)
    /// A UUID in canonical form.
    case id(String)
    case raw(String)
    case array([RandomJSON])
    case object([(String, RandomJSON)])

    static func reference(_ reference: Event.Reference) -> RandomJSON {
        .object([("type", .string(reference.type ?? "")), ("id", .id(reference.id ?? ""))])
    }

    /// One of the spellings, with white space around it.
    func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        switch self {
        case .string(let string): text = Self.quoted(string, &random)
        case .id(let id): text = Self.quoted(Self.spelling(id, &random), &random)
        case .raw(let raw): return raw
        case .array(let elements):
            text = "[" + elements.map { $0.text(&random) }.joined(separator: ",") + Self.space(&random) + "]"
        case .object(let members):
            let texts = members.shuffled(using: &random).map { name, value in
                RandomJSON.string(name).text(&random) + ":" + value.text(&random)
            }
            text = "{" + texts.joined(separator: ",") + Self.space(&random) + "}"
        }
        return Self.space(&random) + text + Self.space(&random)
    }

    static func space(_ random: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n", "\t\r\n "].randomElement(using: &random) ?? ""
    }

    static func trimmed(_ text: String) -> String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }
        let scalars = text.unicodeScalars.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(String.UnicodeScalarView(scalars))
    }

    private static func spelling(_ id: String, _ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: id.replacing("-", with: "")
        case 1: id.uppercased()
        case 2: id.replacing("-", with: "").uppercased()
        default: id
        }
    }

    private static func quoted(_ string: String, _ random: inout SeededGenerator) -> String {
        let share = [0, 0, 10, 100].randomElement(using: &random) ?? 0
        var text = "\""
        for scalar in string.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if mustEscape || Int.random(in: 0..<100, using: &random) < share {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
