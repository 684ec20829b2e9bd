/// What verified deliveries showed of a token: whose it is, and that it is used. Replicas write it at the first event
/// and then about once a minute; nothing about it is secret.
package struct TokenUse: Sendable, Equatable {
    /// Notion's ids, empty where the deliveries had none.
    package var subscriptionID: String
    package var workspaceID: String
    package var workspaceName: String
    package var integrationID: String
    /// Milliseconds since 1970; within a minute or so.
    package var firstAt: Int64
    package var lastAt: Int64

    package init(
        subscriptionID: String,
        workspaceID: String,
        workspaceName: String,
        integrationID: String,
        firstAt: Int64,
        lastAt: Int64
    ) {
        self.subscriptionID = subscriptionID
        self.workspaceID = workspaceID
        self.workspaceName = workspaceName
        self.integrationID = integrationID
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}

/// Its record's value.
struct UseDocument: SubscriptionDocument {
    let version: Int
    let subscriptionID: String
    let workspaceID: String
    let workspaceName: String
    let integrationID: String
    let firstAt: String
    let lastAt: String

    enum CodingKeys: String, CodingKey {
        case version = "v"
        case subscriptionID = "subscription_id"
        case workspaceID = "workspace_id"
        case workspaceName = "workspace_name"
        case integrationID = "integration_id"
        case firstAt = "first_at"
        case lastAt = "last_at"
    }

    init(_ use: TokenUse) {
        version = Self.known
        subscriptionID = use.subscriptionID
        workspaceID = use.workspaceID
        workspaceName = use.workspaceName
        integrationID = use.integrationID
        firstAt = Self.text(use.firstAt)
        lastAt = Self.text(use.lastAt)
    }

    /// Nil when a part is not what a replica writes.
    var content: TokenUse? {
        let texts = [subscriptionID, workspaceID, workspaceName, integrationID]
        guard let first = Self.milliseconds(firstAt), let last = Self.milliseconds(lastAt),
            texts.allSatisfy({ $0.utf8.count <= 1024 })
        else { return nil }
        return TokenUse(
            subscriptionID: subscriptionID,
            workspaceID: workspaceID,
            workspaceName: workspaceName,
            integrationID: integrationID,
            firstAt: first,
            lastAt: last
        )
    }
}
