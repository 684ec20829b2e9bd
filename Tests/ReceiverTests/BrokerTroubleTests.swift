import EmbeddedKafka
import HTTPFraming
import Kafka
import NotionWebhooks
import Operations
import Receiver
import TestSupport
import Testing

/// What the edge answers when Kafka does not do its part.
@Suite(.timeLimit(.minutes(2)))
struct BrokerTroubleTests {
    private static let delivery = HostileRequest.signed(HostileRequest.plain)

    private static func isInFlight(_ edge: EdgeUnderTest) async throws {
        try await eventually(within: .seconds(10), "the delivery to be in flight") {
            edge.metric("notion_relay_in_flight_records") == 1 ? true : nil
        }
    }

    @Test
    func `an outage longer than the message time-out is answered 503 with Retry-After, and ends by itself`()
        async throws
    {
        let edge = try await EdgeUnderTest.start { settings in
            settings.producer.messageTimeoutMilliseconds = 1_000
            settings.limits.answerDeadlineMilliseconds = 5_000
        }
        #expect(try await edge.answer(to: Self.delivery).status == 200)
        try edge.cluster.brokerDown()
        let refused = try await edge.answer(to: Self.delivery)
        #expect(refused.status == 503)
        #expect(refused.head.contains("Retry-After: "))
        #expect(edge.count(of: .brokerUnavailable) + edge.count(of: .deadlineExceeded) == 1)
        try edge.cluster.brokerUp()
        #expect(try await edge.answer(to: Self.delivery).status == 200)
        await edge.stop()
    }

    @Test
    func
        `a report later than the request's deadline is answered 503 and the record counts until it comes`()
        async throws
    {
        let edge = try await EdgeUnderTest.start { settings in
            settings.limits.answerDeadlineMilliseconds = 300
            settings.inFlightRecordsMax = 1
        }
        // Long enough for the second delivery to come before the first one's report, on a busy machine too.
        try edge.cluster.roundTripTime(milliseconds: 5_000)
        let connection = try edge.connect()
        await connection.send(Self.delivery)
        #expect(try await Answer.read(from: connection).status == 503)
        #expect(edge.count(of: .deadlineExceeded) == 1)
        let second = try await edge.answer(to: Self.delivery)
        #expect(second.status == 503)
        #expect(second.body.contains("overloaded"))
        #expect(edge.count(of: .overloaded) == 1)
        try edge.cluster.roundTripTime(milliseconds: 0)
        try await eventually(within: .seconds(20), "room again") {
            try await edge.answer(to: Self.delivery).status == 200 ? true : nil
        }
        await edge.stop()
    }

    @Test
    func `an edge without brokers is live but not ready, and answers 503 at once`() async throws {
        let edge = try EdgeUnderTest.prepare()
        try edge.cluster.brokerDown()
        try edge.edge.start()
        let answer = try await edge.answer(to: Self.delivery)
        #expect(answer.status == 503)
        #expect(answer.body.contains("broker_unavailable"))
        #expect(edge.health.isLive && !edge.health.isReady)
        try edge.cluster.brokerUp()
        try await eventually(within: .seconds(10), "readiness") { edge.health.isReady ? true : nil }
        #expect(try await edge.answer(to: Self.delivery).status == 200)
        await edge.stop()
    }

    @Test
    func `a topic that is not there makes the edge unready with the command that creates it`() async throws {
        let edge = try EdgeUnderTest.prepare()
        edge.cluster.fail(topic: EdgeUnderTest.events, code: 3)
        try edge.edge.start()
        try await eventually(within: .seconds(10), "the reason") {
            edge.health.reasons(against: .ready).contains { $0.contains("topics apply") } ? true : nil
        }
        await edge.stop()
    }

    @Test(arguments: [
        (request: EmbeddedCluster.Request.initProducerID, code: Int32(31), line: "kafka_refuses"),
        (.produce, 45, "kafka_producer_lost"),
    ])
    func `after a fatal error a new producer takes over without a restart`(
        request: EmbeddedCluster.Request,
        code: Int32,
        line: String
    ) async throws {
        let edge = try EdgeUnderTest.prepare()
        // The first request that asks for a producer id (cluster authorization failed), or the first that carries
        // records (out of order sequence number), ends the first producer for good.
        edge.cluster.fail(request, codes: [code])
        try edge.edge.start()
        try await eventually(within: .seconds(20), "a delivery that is answered 200") {
            try await edge.answer(to: Self.delivery).status == 200 ? true : nil
        }
        #expect(edge.metric("notion_relay_producers_lost_total") == 1)
        #expect(edge.logText.contains(line))
        try await eventually(within: .seconds(10), "readiness") { edge.health.isReady ? true : nil }
        await edge.stop()
    }

    @Test
    func `a right that is taken away suspends: 503 at once, not ready with the reason, one line, and back by itself`()
        async throws
    {
        let edge = try await EdgeUnderTest.start()
        #expect(try await edge.answer(to: Self.delivery).status == 200)
        edge.cluster.fail(.produce, codes: Array(repeating: 29, count: 2))
        #expect(try await edge.answer(to: Self.delivery).status == 503)
        #expect(edge.health.reasons(against: .ready).contains { $0.contains("TOPIC_AUTHORIZATION_FAILED") })
        #expect(edge.metric("notion_relay_publishing_suspended") == 1)
        // Until it is granted again, which takes a second and more.
        for _ in 0..<20 where edge.metric("notion_relay_publishing_suspended") == 1 {
            let answer = try await edge.answer(to: Self.delivery)
            #expect(answer.status == 503 || edge.metric("notion_relay_publishing_suspended") == 0)
        }
        #expect(edge.metric("notion_relay_records_refused_total", "TOPIC_AUTHORIZATION_FAILED", "\"events\"") == 1)
        try await eventually(within: .seconds(20), "readiness") { edge.health.isReady ? true : nil }
        #expect(try await edge.answer(to: Self.delivery).status == 200)
        let lines = edge.logText.split(separator: "\n").filter { $0.contains("kafka_refuses") }
        #expect((1...2).contains(lines.count))
        #expect(lines.allSatisfy { $0.contains("grant this user Write on topic \(EdgeUnderTest.events)") })
        #expect(edge.logText.contains("kafka_accepts"))
        #expect(edge.metric("notion_relay_producers_lost_total") == 0)
        await edge.stop()
    }

    @Test
    func `a batch that is too large is not blamed on its records, and later ones are smaller`() async throws {
        let edge = try await EdgeUnderTest.start()
        edge.cluster.fail(.produce, codes: [10])
        let refused = try await edge.answer(to: Self.delivery)
        #expect(refused.status == 503)
        #expect(edge.metric("notion_relay_records_refused_total", "MSG_SIZE_TOO_LARGE") == 1)
        let line = edge.logText.split(separator: "\n").first { $0.contains("record_refused") }
        #expect(line?.contains("\"topic\":\"\(EdgeUnderTest.events)\",\"partition\":") == true)
        try await eventually(within: .seconds(10), "a delivery that is answered 200") {
            try await edge.answer(to: Self.delivery).status == 200 ? true : nil
        }
        await edge.stop()
    }

    @Test
    func `a dead letter is counted and told when Kafka has it, and not before`() async throws {
        let edge = try await EdgeUnderTest.start()
        let unreadable = HostileRequest.signed(Array("not json".utf8))
        edge.cluster.fail(.produce, codes: [87])
        #expect(try await edge.answer(to: unreadable).status == 503)
        #expect(edge.metric("notion_relay_dead_letters_total") == 0)
        #expect(!edge.logText.contains("delivery_dead_lettered"))
        #expect(edge.metric("notion_relay_records_refused_total", "INVALID_RECORD", "\"dead_letters\"") == 1)
        let answer = try await edge.answer(to: unreadable)
        #expect(answer.status == 200)
        #expect(answer.body == #"{"outcome":"dead_lettered","partition":0,"offset":0}"#)
        #expect(edge.metric("notion_relay_dead_letters_total") == 1)
        #expect(edge.logText.contains("delivery_dead_lettered"))
        await edge.stop()
    }

    @Test(arguments: [false, true])
    func `a dead-letter topic that is missing is told, and is a matter of readiness where it is required`(
        isRequired: Bool
    ) async throws {
        let edge = try EdgeUnderTest.prepare { $0.deadLetterRequired = isRequired }
        edge.cluster.fail(topic: EdgeUnderTest.deadLetters, code: 3)
        try edge.edge.start()
        try await eventually(within: .seconds(10), "the line") {
            edge.logText.contains("topic_in_trouble") ? true : nil
        }
        let unreadable = HostileRequest.signed(Array("not json".utf8))
        if isRequired {
            #expect(edge.health.reasons(against: .ready).contains { $0.hasPrefix("dead letters: ") })
        }
        try await eventually(within: .seconds(10), "an event that is published") {
            try await edge.answer(to: Self.delivery).status == 200 ? true : nil
        }
        #expect(edge.health.isReady == !isRequired)
        #expect(try await edge.answer(to: unreadable).status == 503)
        edge.cluster.fail(topic: EdgeUnderTest.deadLetters, code: 0)
        try await eventually(within: .seconds(10), "a dead letter") {
            try await edge.answer(to: unreadable).status == 200 ? true : nil
        }
        #expect(edge.health.isReady)
        #expect(edge.logText.contains("topic_in_order"))
        await edge.stop()
    }

    @Test
    func `a client that leaves before its answer is counted and its record is kept`() async throws {
        let edge = try await EdgeUnderTest.start()
        try edge.cluster.roundTripTime(milliseconds: 2_000)
        let connection = try edge.connect()
        await connection.send(Self.delivery)
        try await Self.isInFlight(edge)
        await connection.reset()
        try await eventually(within: .seconds(10), "the record") {
            try await edge.recordCount(EdgeUnderTest.events) == 1 ? true : nil
        }
        try await eventually(within: .seconds(10), "the count") {
            edge.metric("notion_relay_clients_left_total") == 1 ? true : nil
        }
        await edge.stop()
    }

    @Test
    func `a stop answers what was accepted and closes`() async throws {
        let edge = try await EdgeUnderTest.start()
        try edge.cluster.roundTripTime(milliseconds: 2_000)
        let connection = try edge.connect()
        await connection.send(Self.delivery)
        try await Self.isInFlight(edge)
        async let stopped: Void = edge.stop()
        let answer = try await Answer.read(from: connection)
        #expect(answer.status == 200)
        #expect(answer.head.contains("Connection: close"))
        await stopped
        #expect(!edge.health.isReady)
        #expect(LoopbackConnection(port: edge.port) == nil)
    }
}
