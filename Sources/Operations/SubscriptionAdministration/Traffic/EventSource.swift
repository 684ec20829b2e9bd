import NotionEvents
import OrderedConsumer
import TextOutput

/// Whose an event is: its `ce_source`, `/notion/workspaces/<id>/subscriptions/<id>`, where either part may be missing.
struct EventSource: Equatable {
    // Limit: Notion's ids are UUIDs of 36 bytes.
    private static let idBytesMax = 128
    private static let bytesMax = 1024

    /// Empty where there is none that could be shown.
    let workspaceID: String
    let subscriptionID: String

    static let unknown = EventSource(workspaceID: "", subscriptionID: "")

    private init(workspaceID: String, subscriptionID: String) {
        self.workspaceID = workspaceID
        self.subscriptionID = subscriptionID
    }

    /// Never fails: what is no such text has no ids.
    init(_ bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax, let text = String(validating: bytes, as: UTF8.self),
            text.hasPrefix("/notion/")
        else {
            self = .unknown
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        var ids: [Substring: String] = [:]
        var rest = parts
        while rest.count >= 2, let kind = rest.popFirst(), let id = rest.popFirst() { ids[kind] = Self.id(id) }
        self.init(workspaceID: ids["workspaces"] ?? "", subscriptionID: ids["subscriptions"] ?? "")
    }

    private static func id(_ segment: Substring) -> String? {
        var bytes = Array(segment.utf8)
        guard PercentEncoding.decode(&bytes), let text = String(validating: bytes, as: UTF8.self),
            PlainText.isIdentifier(text, bytesMax: idBytesMax)
        else { return nil }
        return text
    }
}
