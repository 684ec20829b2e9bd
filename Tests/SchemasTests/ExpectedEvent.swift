import Foundation
import NotionEvents
import NotionWebhooks
import Testing

/// The event that a delivery has to become, by Foundation's JSON instead of ours. For what the simulator makes, whose
/// ids are canonical and whose `data` stands at the end.
enum ExpectedEvent {
    typealias Members = [String: Any]

    static func of(_ body: [UInt8]) throws -> Event {
        let delivery = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? Members)
        let data = delivery["data"] as? Members ?? [:]
        let type = try #require(delivery["type"] as? String)
        var event = Event(
            id: try #require(delivery["id"] as? String),
            type: type,
            entity: reference(try #require(delivery["entity"] as? Members))
        )
        event.occurredAt = delivery["timestamp"] as? String
        event.attempt = delivery["attempt_number"] as? Int
        event.apiVersion = delivery["api_version"] as? String
        event.workspace.id = delivery["workspace_id"] as? String
        event.workspace.name = delivery["workspace_name"] as? String
        event.subscriptionID = delivery["subscription_id"] as? String
        event.integrationID = delivery["integration_id"] as? String
        event.parent = (data["parent"] as? Members).map(parent)
        event.pageID = data["page_id"] as? String
        event.authors = references(delivery["authors"]) ?? []
        event.accessibleBy = references(delivery["accessible_by"])
        event.aggregated = DeliveryType(type).isAggregated
        event.changes.blocks = references(data["updated_blocks"]) ?? []
        event.changes.properties = (data["updated_properties"] as? [Any] ?? []).map(property)
        event.changes.fields = data["updated_fields"] as? [String] ?? []
        event.data = String(decoding: body, as: UTF8.self).components(separatedBy: #","data":"#).dropFirst().first
            .map { Array($0.utf8.dropLast()) }
        return event
    }

    private static func reference(_ members: Members) -> Event.Reference {
        Event.Reference(type: members["type"] as? String, id: members["id"] as? String)
    }

    private static func references(_ list: Any?) -> [Event.Reference]? {
        (list as? [Members])?.map(reference)
    }

    private static func parent(_ members: Members) -> Event.Parent {
        guard let dataSource = members["data_source_id"] as? String else {
            return Event.Parent(type: members["type"] as? String, id: members["id"] as? String)
        }
        return Event.Parent(type: "data_source", id: dataSource, databaseID: members["id"] as? String)
    }

    private static func property(_ element: Any) -> Event.Property {
        let members = element as? Members ?? ["id": element]
        let id = members["id"] as? String ?? ""
        return Event.Property(
            id: id.removingPercentEncoding ?? id,
            name: members["name"] as? String,
            action: members["action"] as? String
        )
    }
}
