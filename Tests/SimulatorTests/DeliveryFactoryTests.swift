import NotionWebhooks
import Simulator
import TestSupport
import Testing

@Suite
struct DeliveryFactoryTests {
    static let base: Int64 = 1_791_277_200_000
    static let factory = DeliveryFactory(seed: 7, entities: 240, startingAt: base)

    @Test
    func `the same seed gives the same bytes, in any order of asking`() {
        let twin = DeliveryFactory(seed: 7, entities: 240, startingAt: Self.base)
        let backwards = (0..<500).reversed().map { twin.delivery(at: $0).body() }
        #expect(backwards.reversed() == (0..<500).map { Self.factory.delivery(at: $0).body() })
    }

    @Test
    func `another seed gives other events about other entities`() {
        let other = DeliveryFactory(seed: 8, entities: 240, startingAt: Self.base)
        let ids = Set((0..<500).map { Self.factory.delivery(at: $0).eventID })
        #expect(ids.count == 500)
        #expect(ids.isDisjoint(with: (0..<500).map { other.delivery(at: $0).eventID }))
        #expect(
            Set((0..<240).map { Self.factory.entity($0).id }).isDisjoint(with: (0..<240).map { other.entity($0).id })
        )
    }

    @Test
    func `every known type comes by itself, those of page editing most`() {
        var counts: [String: Int] = [:]
        for index in 0..<20_000 { counts[Self.factory.delivery(at: index).type, default: 0] += 1 }
        #expect(Set(counts.keys) == Set(DeliveryType.known))
        let mostFrequent = counts.sorted { $0.value > $1.value }.prefix(2).map(\.key)
        #expect(mostFrequent == ["page.content_updated", "page.properties_updated"])
    }

    @Test
    func `a delivery is understood, and says what the simulator wrote down`() throws {
        for index in 0..<2_000 {
            let simulated = Self.factory.delivery(at: index)
            try read(simulated.body()) { delivery in
                #expect(delivery.eventID == simulated.eventID.description)
                #expect(delivery.entityID == simulated.entityID.description)
                #expect(delivery.type.name == simulated.type)
                #expect(delivery.type.index < DeliveryType.known.count)
            }
        }
    }

    @Test(arguments: DeliveryType.known)
    func `any type can be asked for`(type: String) throws {
        let simulated = try #require(Self.factory.delivery(ofType: type, at: 3))
        try read(simulated.body()) { #expect($0.type.name == type) }
    }

    @Test
    func `an entity keeps its kind and its ids carry the nibble 8 of real records`() {
        var typePrefix: [SimulatedID: String] = [:]
        for index in 0..<5_000 {
            let delivery = Self.factory.delivery(at: index)
            let entity = Self.factory.entity(Self.factory.entityIndex(at: index))
            #expect(entity.id == delivery.entityID)
            #expect(entity.id.description.dropFirst(14).first == "8")
            #expect(delivery.eventID.description.dropFirst(14).first == "4")
            let prefix = delivery.type.split(separator: ".").first.map(String.init) ?? ""
            #expect(typePrefix.updateValue(prefix, forKey: entity.id) ?? prefix == prefix)
        }
    }

    @Test
    func `attempts of one event differ in one digit`() {
        let delivery = Self.factory.delivery(at: 11)
        let first = delivery.body()
        for attempt in 2...8 {
            let body = delivery.body(attempt: attempt)
            #expect(zip(first, body).filter { $0 != $1 }.map(\.1) == [0x30 + UInt8(attempt)])
            #expect(String(decoding: body, as: UTF8.self).contains("\"attempt_number\":\(attempt),"))
        }
    }

    @Test
    func `a tampered body differs in one byte that is not in its id`() {
        var random = SeededRandom(seed: testSeed.seed)
        for index in 0..<500 {
            let delivery = Self.factory.delivery(at: index)
            let original = delivery.body()
            let tampered = delivery.tamperedBody(using: &random)
            #expect(zip(original, tampered).count(where: { $0 != $1 }) == 1, "\(testSeed)")
            #expect(tampered.starts(with: "{\"id\":\"\(delivery.eventID)\"".utf8), "\(testSeed)")
            #expect(throws: SignatureError.mismatch) { try verify(tampered, signature: sign(original)) }
        }
    }

    @Test
    func `time goes forward from the base`() throws {
        var last = ""
        for index in 0..<1_000 {
            let text = String(decoding: Self.factory.delivery(at: index).body(), as: UTF8.self)
            let timestamp = String(try #require(text.firstMatch(of: /"timestamp":"([^"]+)"/)?.1))
            #expect(last < timestamp)
            if index == 0 { #expect(timestamp.hasPrefix("2026-10-06T09:00:00.00")) }
            last = timestamp
        }
    }

    @Test
    func `bodies have the size of Notion's and its odd shapes`() {
        let bodies = (0..<5_000).map { String(decoding: Self.factory.delivery(at: $0).body(), as: UTF8.self) }
        let mean = bodies.reduce(0) { $0 + $1.utf8.count } / bodies.count
        #expect((680...800).contains(mean), "\(mean)")
        let shapes = [
            "🚢", "Nørd", "R&D <", "\\\"", "accessible_by", "\"type\":\"agent\"", "\"api_version\":\"2022-06-28\"",
            "\"api_version\":\"2025-09-03\"", "\"data_source_id\"", "\"name\":null", "%", "\"transcript_id\":null",
        ]
        for shape in shapes { #expect(bodies.contains { $0.contains(shape) }, "\(shape)") }
        #expect(bodies.contains { !$0.contains("\"data\"") })
        #expect(bodies.contains { !$0.contains("api_version") })
        let typeless = /"parent":\{"id":"[^"]+","data_source_id"/
        #expect(bodies.contains { $0.contains(typeless) })
    }

    @Test(arguments: GuideScenario.allCases)
    func `the guide's tests give understood deliveries`(scenario: GuideScenario) throws {
        let deliveries = scenario.deliveries(from: Self.factory)
        #expect(deliveries.map(\.type) == scenario.types)
        for delivery in deliveries { try read(delivery.body()) { #expect($0.type.name == delivery.type) } }
    }

    @Test
    func `a load generator's requests are signed and equally large`() throws {
        let requests = RawRequests.requests(
            count: 100,
            entities: 10,
            token: testToken,
            path: "/notion/webhooks",
            host: "edge"
        )
        var ids: Set<String> = []
        var entities: Set<String> = []
        for request in requests {
            let text = String(decoding: request, as: UTF8.self)
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
            let signature = try #require(text.firstMatch(of: /X-Notion-Signature: (\S+)\r\n/)?.1)
            let body = Array(try #require(parts.last).utf8)
            #expect(text.hasPrefix("POST /notion/webhooks HTTP/1.1\r\nHost: edge\r\n"))
            #expect(text.contains("Content-Length: 774\r\n"))
            #expect(body.count == RawRequests.bodyBytes)
            try verify(body, signature: String(signature))
            try read(body) { delivery in
                ids.insert(delivery.eventID)
                entities.insert(delivery.entityID)
            }
        }
        #expect(ids.count == 100)
        #expect(entities.count == 10)
    }
}
