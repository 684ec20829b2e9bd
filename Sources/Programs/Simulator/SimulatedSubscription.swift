/// A workspace, the connection that listens to it, and the people who work in it.
struct SimulatedSubscription: Sendable {
    let workspaceID: SimulatedID
    /// As it stands between the quotes of a JSON string: names hold whatever people type.
    let workspaceName: String
    let subscriptionID: SimulatedID
    let integrationID: SimulatedID
    let apiVersion: String
    /// Only events of public connections say who else may read the object.
    let isPublic: Bool
    let people: [SimulatedID]
    let bot: SimulatedID
    let agent: SimulatedID

    static let count = 4

    /// One subscription for each shape that Notion still sends, and a public connection.
    static func all(seed: UInt64) -> [SimulatedSubscription] {
        let faces = [
            ("Haven", "2026-03-11", false),
            ("Café Nørd ☕️ \\\"Süd\\\"", "2025-09-03", false),
            ("R&D <Łódź>", "2022-06-28", false),
            ("株式会社ミナト 🚢", "2026-03-11", true),
        ]
        return faces.enumerated().map { index, face in
            var random = SeededRandom(seed: seed ^ 0x5355_4253, stream: UInt64(index))
            return SimulatedSubscription(
                workspaceID: SimulatedID(version: 4, using: &random),
                workspaceName: face.0,
                subscriptionID: SimulatedID(version: 8, using: &random),
                integrationID: SimulatedID(version: 8, using: &random),
                apiVersion: face.1,
                isPublic: face.2,
                people: (0..<8).map { _ in SimulatedID(version: 4, using: &random) },
                bot: SimulatedID(version: 8, using: &random),
                agent: SimulatedID(version: 8, using: &random)
            )
        }
    }
}
