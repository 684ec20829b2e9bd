package import NotionWebhooks
import Simulator

/// Signed requests as bytes on the wire, for load generators that must not spend time on making them.
package enum RawRequests {
    /// The size of every body: a typical delivery's.
    package static let bodyBytes = 774

    /// `count` page.content_updated deliveries about `entities` pages, each with an id of its own.
    package static func requests(
        count: Int,
        entities: Int,
        token: VerificationToken,
        path: String,
        host: String,
        seed: UInt64 = 1
    ) -> [[UInt8]] {
        precondition(count >= 0 && entities > 0, "A load has requests about at least one entity.")
        let body = bodies(entities: entities, seed: seed)
        return (0..<count).map { index in
            let body = body(index)
            let head = """
                POST \(path) HTTP/1.1\r
                Host: \(host)\r
                Content-Type: application/json\r
                X-Notion-Signature: \(Signature.sign(body.span, with: token))\r
                Content-Length: \(body.count)\r
                \r

                """
            return Array(head.utf8) + body
        }
    }

    package static func bodies(entities: Int, seed: UInt64 = 1) -> (Int) -> [UInt8] {
        let subscription = SimulatedSubscription.all(seed: seed)[0]
        return { body(index: $0, entity: $0 % entities, in: subscription, seed: seed) }
    }

    private static func body(index: Int, entity: Int, in subscription: SimulatedSubscription, seed: UInt64) -> [UInt8] {
        var entityRandom = SeededRandom(seed: seed ^ 0x4C4F_4144, stream: UInt64(entity))
        let page = SimulatedID(version: 8, using: &entityRandom)
        let database = SimulatedID(version: 8, using: &entityRandom)
        let dataSource = SimulatedID(version: 8, using: &entityRandom)
        var random = SeededRandom(seed: seed ^ 0x5241_5752, stream: UInt64(index))
        var body = DeliveryBody()
        // 2026-10-06T09:00:00Z, and an event a millisecond.
        let timestamp = 1_791_277_200_000 + Int64(index)
        body.open(eventID: SimulatedID(version: 4, using: &random), timestamp: timestamp, subscription: subscription)
        body.text(",\"authors\":")
        body.references([(subscription.people[index % subscription.people.count], "person")])
        body.attempt()
        body.text(",\"api_version\":\"\(subscription.apiVersion)\",\"entity\":")
        body.reference(page, "page")
        body.text(",\"type\":\"page.content_updated\",\"data\":{\"parent\":{")
        body.member("id", database)
        body.text(",\"type\":\"database\",")
        body.member("data_source_id", dataSource)
        body.text("},\"updated_blocks\":")
        body.references((0..<2).map { _ in (SimulatedID(version: 8, using: &random), "block") })
        body.text("}}")
        precondition(body.bytes.count == bodyBytes, "The load's bodies have the size that the figures state.")
        return body.bytes
    }
}
