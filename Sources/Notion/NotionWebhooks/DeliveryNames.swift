/// The names that a delivery's members have (SPEC.md, 1.4 and 1.5).
struct DeliveryNames: Sendable {
    static let shared = DeliveryNames()

    let id = JSONName("id")
    let timestamp = JSONName("timestamp")
    let workspaceID = JSONName("workspace_id")
    let workspaceName = JSONName("workspace_name")
    let subscriptionID = JSONName("subscription_id")
    let integrationID = JSONName("integration_id")
    let authors = JSONName("authors")
    let accessibleBy = JSONName("accessible_by")
    let attemptNumber = JSONName("attempt_number")
    let apiVersion = JSONName("api_version")
    let entity = JSONName("entity")
    let type = JSONName("type")
    let data = JSONName("data")

    let parent = JSONName("parent")
    let dataSourceID = JSONName("data_source_id")
    let pageID = JSONName("page_id")
    let updatedBlocks = JSONName("updated_blocks")
    let updatedProperties = JSONName("updated_properties")
    let updatedFields = JSONName("updated_fields")

    let name = JSONName("name")
    let action = JSONName("action")
}
