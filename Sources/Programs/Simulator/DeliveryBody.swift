import Operations
import Timestamps

/// Writes one event's minified JSON, in the order of members that captures show.
package struct DeliveryBody {
    package private(set) var bytes: [UInt8] = []
    private(set) var attemptOffset = 0
    private(set) var idEnd = 0

    package init() { bytes.reserveCapacity(1_024) }

    package mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func text(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    /// `"name":"<id>"`
    package mutating func member(_ name: String, _ id: SimulatedID) {
        text("\"")
        text(name)
        text("\":\"")
        id.append(to: &bytes)
        text("\"")
    }

    /// `{"id":"<id>","type":"<type>"}`
    package mutating func reference(_ id: SimulatedID, _ type: String) {
        text("{")
        member("id", id)
        text(",\"type\":\"")
        text(type)
        text("\"}")
    }

    package mutating func references(_ list: [(id: SimulatedID, type: String)]) {
        text("[")
        for (index, item) in list.enumerated() {
            if index > 0 { text(",") }
            reference(item.id, item.type)
        }
        text("]")
    }

    mutating func eventID(_ id: SimulatedID) {
        member("id", id)
        idEnd = bytes.count
    }

    package mutating func attempt() {
        text(",\"attempt_number\":")
        attemptOffset = bytes.count
        text("1")
    }

    /// As Notion writes times, from milliseconds since 1970.
    mutating func timestamp(_ milliseconds: Int64) { text(Timestamp.bytes(milliseconds: milliseconds)) }

    package mutating func open(eventID: SimulatedID, timestamp: Int64, subscription: SimulatedSubscription) {
        text("{")
        self.eventID(eventID)
        text(",\"timestamp\":\"")
        self.timestamp(timestamp)
        text("\",")
        member("workspace_id", subscription.workspaceID)
        text(",\"workspace_name\":\"")
        text(subscription.workspaceName)
        text("\",")
        member("subscription_id", subscription.subscriptionID)
        text(",")
        member("integration_id", subscription.integrationID)
    }

    mutating func data(
        _ event: EventKind,
        of entity: SimulatedEntity,
        in subscription: SimulatedSubscription,
        timestamp: Int64,
        using random: inout SeededRandom
    ) {
        switch event.shape {
        case .absent: return
        case .transcript: return transcript(using: &random)
        case .importResult: return importResult(timestamp, using: &random)
        case .comment:
            member("page_id", entity.pageID)
            text(",")
        case .parent, .blocks, .propertyIDs, .schema, .viewType, .viewFields: break
        }
        text("\"parent\":")
        text(
            event.type.hasSuffix(".moved")
                ? SimulatedEntity.parent(
                    of: entity.kind,
                    id: entity.id,
                    page: entity.pageID,
                    in: subscription,
                    using: &random
                )
                : entity.parent
        )
        switch event.shape {
        case .blocks: blocks(inContainer: entity.kind != .page, using: &random)
        case .propertyIDs: propertyIDs(using: &random)
        case .schema: schema(using: &random)
        case .viewType: text(",\"view_type\":\"\(Self.viewTypes[random.below(Self.viewTypes.count)])\"")
        case .viewFields: viewFields(using: &random)
        case .parent, .comment, .transcript, .importResult, .absent: break
        }
    }

    private mutating func blocks(inContainer: Bool, using random: inout SeededRandom) {
        let count = 1 + random.below(4)
        text(",\"updated_blocks\":")
        references(
            (0..<count).map { _ in
                let id = SimulatedID(version: 8, using: &random)
                let draw = random.below(20)
                return (id, inContainer && draw < 4 ? "page" : draw == 4 ? "database" : "block")
            }
        )
    }

    private mutating func propertyIDs(using random: inout SeededRandom) {
        let count = 1 + random.below(4)
        let first = random.below(Self.propertyIDs.count)
        text(",\"updated_properties\":[")
        for offset in 0..<count {
            if offset > 0 { text(",") }
            text("\"\(Self.propertyIDs[(first + offset) % Self.propertyIDs.count])\"")
        }
        text("]")
    }

    private mutating func schema(using random: inout SeededRandom) {
        let count = 1 + random.below(3)
        let first = random.below(Self.propertyIDs.count)
        text(",\"updated_properties\":[")
        for offset in 0..<count {
            let action = Self.actions[random.below(Self.actions.count)]
            // A deleted column has no name in the SDK's types, and has one in the guide's sample: send both.
            let isNameless = action == "deleted" && random.chance(0.7)
            let name = isNameless ? "null" : "\"\(Self.columnNames[random.below(Self.columnNames.count)])\""
            if offset > 0 { text(",") }
            text("{\"id\":\"\(Self.propertyIDs[(first + offset) % Self.propertyIDs.count])\"")
            text(",\"name\":\(name),\"action\":\"\(action)\"}")
        }
        text("]")
    }

    private mutating func viewFields(using random: inout SeededRandom) {
        let fields = ["name", "filter", "sorts", "configuration"].filter { _ in random.chance(0.6) }
        text(",\"updated_fields\":[")
        text((fields.isEmpty ? ["name"] : fields).map { "\"\($0)\"" }.joined(separator: ","))
        text("]")
    }

    private mutating func transcript(using random: inout SeededRandom) {
        text("\"target\":")
        reference(SimulatedID(version: 8, using: &random), "block")
        guard random.chance(0.8) else { return text(",\"transcript_id\":null") }
        text(",")
        member("transcript_id", SimulatedID(version: 4, using: &random))
    }

    private mutating func importResult(_ timestamp: Int64, using random: inout SeededRandom) {
        let hasStatus = random.chance(0.5)
        text("\"file_import_result\":{\"type\":\"error\",\"imported_time\":\"")
        self.timestamp(timestamp)
        text("\",\"error\":{\"type\":\"\(hasStatus ? "download_error" : "validation_error")\"")
        text(",\"code\":\"file_fetch_failed\",\"message\":\"The remote server answered \\\"no\\\": \\u00e9chec.\"")
        text(",\"parameter\":null,\"status_code\":\(hasStatus ? "403" : "null")}}")
    }

    private static let propertyIDs = ["title", "Zq%3Fm", "%7BtKa", "kW%5ER", "oB%7Dc", "XGe%40", "bDf%5B", "aBcd"]
    private static let actions = ["created", "updated", "deleted"]
    private static let columnNames = ["Due", "Owner (lead)", "Prüfdatum 📅", "Größe <cm>", "R&D", "Ställe"]
    private static let viewTypes = [
        "table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map", "dashboard",
    ]
}
