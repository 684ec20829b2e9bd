/// The same seed gives the same bytes; any delivery can be made again for a retry instead of being kept.
package struct DeliveryFactory: Sendable {
    /// Limits: what one factory can make.
    package static let entitiesRange = 1...10_000_000
    /// How far apart two events are in the simulated time, in milliseconds.
    private static let stepMilliseconds = 10

    package let seed: UInt64
    package let entityCount: Int
    let subscriptions: [SimulatedSubscription]
    private let baseMilliseconds: Int64

    /// With 24 `entities` and more, all 31 types appear. `startingAt` is in milliseconds since 1970.
    package init(seed: UInt64, entities: Int, startingAt baseMilliseconds: Int64) {
        precondition(Self.entitiesRange.contains(entities), "A factory has 1 to 10,000,000 entities.")
        precondition(baseMilliseconds >= 0, "Notion did not exist before 1970.")
        self.seed = seed
        subscriptions = SimulatedSubscription.all(seed: seed)
        self.baseMilliseconds = baseMilliseconds
        entityCount = entities
    }

    /// Which entity the delivery of that index is about; cheap, since every connection asks this for every index.
    package func entityIndex(at index: Int) -> Int {
        var random = SeededRandom(seed: seed, stream: UInt64(index))
        return random.below(entityCount)
    }

    /// Made anew each time: millions of entities cost no memory.
    package func entity(_ index: Int) -> SimulatedEntity {
        SimulatedEntity(index: index, seed: seed, subscriptions: subscriptions)
    }

    package func delivery(at index: Int) -> SimulatedDelivery {
        var random = SeededRandom(seed: seed, stream: UInt64(index))
        let entity = entity(random.below(entityCount))
        let events = entity.kind.events(apiVersion: subscriptions[entity.subscription].apiVersion)
        var draw = random.below(events.reduce(0) { $0 + $1.weight })
        let event = events.first { event in
            draw -= event.weight
            return draw < 0
        }
        guard let event else { preconditionFailure("A draw below the sum of the weights meets one of them.") }
        return write(event, of: entity, index: index, using: &random)
    }

    /// A delivery of the given type, about the first entity that can have one; nil when there is no such entity.
    package func delivery(ofType type: String, at index: Int) -> SimulatedDelivery? {
        for entity in (0..<min(entityCount, SimulatedEntity.patternCount)).map(entity(_:)) {
            let events = entity.kind.events(apiVersion: subscriptions[entity.subscription].apiVersion)
            guard let event = events.first(where: { $0.type == type }) else { continue }
            var random = SeededRandom(seed: seed ^ 0x5459_5045, stream: UInt64(index))
            return write(event, of: entity, index: index, using: &random)
        }
        return nil
    }

    private func write(
        _ event: EventKind,
        of entity: SimulatedEntity,
        index: Int,
        using random: inout SeededRandom
    ) -> SimulatedDelivery {
        let subscription = subscriptions[entity.subscription]
        let eventID = SimulatedID(version: 4, using: &random)
        let jitter = random.below(Self.stepMilliseconds)
        let timestamp = baseMilliseconds + Int64(index * Self.stepMilliseconds + jitter)
        var body = DeliveryBody()
        body.open(eventID: eventID, timestamp: timestamp, subscription: subscription)
        body.text(",\"authors\":")
        body.references(authors(of: event, in: subscription, using: &random))
        if subscription.isPublic {
            body.text(",\"accessible_by\":")
            body.references([
                (subscription.people[0], "person"), (subscription.people[1], "person"), (subscription.bot, "bot"),
            ])
        }
        body.attempt()
        // Deliveries from before September 2025 had no such member; those of old subscriptions may still lack it.
        if subscription.apiVersion != "2022-06-28" || !random.chance(0.25) {
            body.text(",\"api_version\":\"\(subscription.apiVersion)\"")
        }
        body.text(",\"entity\":")
        body.reference(entity.id, entity.kind.rawValue)
        body.text(",\"type\":\"\(event.type)\"")
        if event.shape != .absent {
            body.text(",\"data\":{")
            body.data(event, of: entity, in: subscription, timestamp: timestamp, using: &random)
            body.text("}")
        }
        body.text("}")
        return SimulatedDelivery(index: index, eventID: eventID, entityID: entity.id, type: event.type, body: body)
    }

    private func authors(
        of event: EventKind,
        in subscription: SimulatedSubscription,
        using random: inout SeededRandom
    ) -> [(id: SimulatedID, type: String)] {
        if event.shape == .absent || event.shape == .importResult { return [(subscription.bot, "bot")] }
        let first = random.below(subscription.people.count)
        var authors = [(id: subscription.people[first], type: "person")]
        guard event.shape == .blocks || event.shape == .propertyIDs else { return authors }
        // Aggregated events name everyone who took part in them.
        if random.chance(0.25) {
            authors.append((subscription.people[(first + 1) % subscription.people.count], "person"))
        }
        if random.chance(0.05) { authors.append((subscription.bot, "bot")) }
        if random.chance(0.03) { authors.append((subscription.agent, "agent")) }
        return authors
    }
}

/// One event as Notion would send it.
package struct SimulatedDelivery: Sendable {
    package let index: Int
    package let eventID: SimulatedID
    package let entityID: SimulatedID
    package let type: String
    private let bytes: [UInt8]
    /// The offset of the one digit of `attempt_number`.
    private let attemptOffset: Int
    private let idEnd: Int

    init(index: Int, eventID: SimulatedID, entityID: SimulatedID, type: String, body: DeliveryBody) {
        precondition(body.bytes[body.attemptOffset] == 0x31, "A delivery is written as its first attempt.")
        self.index = index
        self.eventID = eventID
        self.entityID = entityID
        self.type = type
        bytes = body.bytes
        attemptOffset = body.attemptOffset
        idEnd = body.idEnd
    }

    /// The bytes to sign and send. Attempts of one event differ in `attempt_number` alone.
    package func body(attempt: Int = 1) -> [UInt8] {
        precondition((1...RetrySchedule.attemptsMax).contains(attempt), "Notion tries eight times.")
        var body = bytes
        body[attemptOffset] = 0x30 + UInt8(attempt)
        return body
    }

    /// One byte is changed on the way. The event id stays, so that a receiver that accepts it is found by that id.
    package func tamperedBody(using random: inout SeededRandom) -> [UInt8] {
        var body = bytes
        let position = idEnd + random.below(body.count - idEnd)
        body[position] ^= UInt8(1 + random.below(255))
        return body
    }
}

/// The three tests of Notion's webhook guide ("Testing your webhook subscription").
package enum GuideScenario: String, CaseIterable, Sendable {
    case pageTitle = "change a page title"
    case comment = "add a comment"
    case databaseSchema = "modify a database schema"

    /// The guide has the schema's event from the database, as for 2022-06-28; newer ones get the data source's.
    package var types: [String] {
        switch self {
        case .pageTitle: ["page.content_updated", "page.properties_updated"]
        case .comment: ["comment.created"]
        case .databaseSchema: ["database.schema_updated", "data_source.schema_updated"]
        }
    }

    package func deliveries(from factory: DeliveryFactory, index: Int = 0) -> [SimulatedDelivery] {
        types.enumerated().compactMap { factory.delivery(ofType: $0.element, at: index + $0.offset) }
    }
}
