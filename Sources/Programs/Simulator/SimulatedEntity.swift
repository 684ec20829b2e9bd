/// One object of a simulated workspace: kind, id, workspace and parent stay the same over all of its events.
package struct SimulatedEntity: Sendable {
    package let id: SimulatedID
    package let kind: EntityKind
    /// Which of the simulated subscriptions hears of it.
    let subscription: Int
    /// JSON; empty where events of this kind name no parent.
    let parent: [UInt8]
    /// The page that holds a comment.
    let pageID: SimulatedID

    /// The first 24 entities cover every kind and every subscription version; more repeat the pattern.
    static let patternCount = pattern.count

    private static let pattern: [(kind: EntityKind, subscription: Int)] = [
        (.page, 0), (.page, 0), (.comment, 0), (.dataSource, 0), (.page, 2), (.database, 2), (.page, 3), (.view, 0),
        (.page, 0), (.fileUpload, 0), (.page, 1), (.database, 0), (.page, 0), (.comment, 1), (.page, 3),
        (.dataSource, 1), (.page, 2), (.block, 0), (.page, 0), (.page, 1), (.view, 3), (.page, 0), (.comment, 2),
        (.dataSource, 3),
    ]

    init(index: Int, seed: UInt64, subscriptions: [SimulatedSubscription]) {
        let (kind, subscription) = Self.pattern[index % Self.pattern.count]
        var random = SeededRandom(seed: seed ^ 0x454E_5449, stream: UInt64(index))
        self.kind = kind
        self.subscription = subscription
        id = SimulatedID(version: 8, using: &random)
        pageID = SimulatedID(version: 8, using: &random)
        parent = Self.parent(of: kind, id: id, page: pageID, in: subscriptions[subscription], using: &random)
    }

    /// The parents of SPEC.md section 1.5, with what real deliveries do to them: rows whose parent has no `type`, data
    /// sources under a page.
    static func parent(
        of kind: EntityKind,
        id: SimulatedID,
        page: SimulatedID,
        in subscription: SimulatedSubscription,
        using random: inout SeededRandom
    ) -> [UInt8] {
        let other = SimulatedID(version: 8, using: &random)
        let dataSource = SimulatedID(version: 8, using: &random)
        let draw = random.below(100)
        switch kind {
        case .fileUpload: return []
        case .comment: return draw < 60 ? reference(page, "page") : reference(other, "block")
        case .view: return reference(other, "database")
        case .dataSource: return reference(other, draw < 20 ? "page" : "database")
        case .database, .block:
            return draw < 20 ? reference(subscription.workspaceID, "space") : reference(other, "page")
        case .page: break
        }
        switch draw {
        case 0..<65 where subscription.apiVersion == "2022-06-28": return reference(other, "database")
        case 0..<55: return reference(other, "database", dataSource: dataSource)
        case 55..<65: return reference(other, nil, dataSource: dataSource)
        case 65..<80: return reference(other, "page")
        case 80..<88: return reference(other, "block")
        case 88..<94: return reference(subscription.workspaceID, "space")
        case 94..<98: return reference(other, "team")
        default: return reference(subscription.agent, "agent")
        }
    }

    private static func reference(_ id: SimulatedID, _ type: String?, dataSource: SimulatedID? = nil) -> [UInt8] {
        var text = "{\"id\":\"\(id)\""
        if let type { text += ",\"type\":\"\(type)\"" }
        if let dataSource { text += ",\"data_source_id\":\"\(dataSource)\"" }
        return Array((text + "}").utf8)
    }
}
