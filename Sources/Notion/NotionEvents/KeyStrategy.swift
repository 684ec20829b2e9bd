/// What a record is keyed by, and so what keeps its order: one key, one partition.
public enum KeyStrategy: String, Sendable, CaseIterable {
    /// The entity's id: pages, databases, comments and so on each have their own order.
    case entity
    /// As `entity`, except that comments go by the page that they are on (`data.page_id`; by their own id without one).
    case page
    /// The workspace's id; the entity's, when a delivery names no workspace.
    case workspace
}
