/// The three tests of Notion's webhook guide ("Testing your webhook subscription").
package enum GuideScenario: String, CaseIterable, Sendable {
    case pageTitle = "change a page title"
    case comment = "add a comment"
    case databaseSchema = "modify a database schema"

    /// What Notion sends after the person has done it. A subscription of 2022-06-28 hears of the schema from the
    /// database, as the guide says; newer ones from the data source.
    package var types: [String] {
        switch self {
        case .pageTitle: ["page.content_updated", "page.properties_updated"]
        case .comment: ["comment.created"]
        case .databaseSchema: ["database.schema_updated", "data_source.schema_updated"]
        }
    }

    /// One delivery of each type, numbered from `index`.
    package func deliveries(from factory: DeliveryFactory, index: Int = 0) -> [SimulatedDelivery] {
        types.enumerated().compactMap { factory.delivery(ofType: $0.element, at: index + $0.offset) }
    }
}
