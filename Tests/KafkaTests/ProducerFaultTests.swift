import EmbeddedKafka
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct ProducerFaultTests {
    private let embedded: EmbeddedTopic

    init() throws {
        embedded = try EmbeddedTopic()
    }

    @Test func `a record that no broker takes fails within its timeout, and the next one finds the broker back`() throws
    {
        let producer = try Producer(embedded.producerSettings(messageTimeoutMilliseconds: 500))
        defer { producer.close() }
        let topic = try producer.topic("events")
        try producer.produce(to: topic, key: "k", opaque: 1)
        #expect(producer.reports().map(\.error) == [nil])

        try embedded.cluster.brokerDown()
        try producer.produce(to: topic, key: "k", opaque: 2)
        let clock = ContinuousClock()
        var start = clock.now
        let failed = try #require(producer.reports().first)
        #expect(failed.opaque == 2 && failed.error?.isTimedOut == true && failed.error?.isRetriable == true)
        #expect(start.duration(to: clock.now) < .seconds(5))

        try embedded.cluster.brokerUp()
        start = clock.now
        var number: UInt = 3
        while true {
            try producer.produce(to: topic, key: "k", opaque: number)
            if producer.reports().first?.error == nil { break }
            number += 1
        }
        print("first acknowledgement \(start.duration(to: clock.now)) after the broker's return")
        #expect(start.duration(to: clock.now) < .seconds(5))
        #expect(producer.fatalError == nil)
    }

    @Test(arguments: [6, 7, 19, 20] as [Int32])
    func `an error that passes is retried without a trace`(_ code: Int32) throws {
        embedded.cluster.fail(.produce, codes: [code, code])
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        try producer.produce(to: producer.topic("events"), key: "k", opaque: 1)
        let report = try #require(producer.reports().first)
        #expect(report.error == nil && report.persistence == .persisted && report.offset == 0)
    }

    @Test(arguments: [(Int32(10), "MSG_SIZE_TOO_LARGE"), (29, "TOPIC_AUTHORIZATION_FAILED")])
    func `an error that stays is reported by its name`(_ code: Int32, _ name: String) throws {
        embedded.cluster.fail(.produce, codes: [code])
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        try producer.produce(to: producer.topic("events"), key: "k", opaque: 1)
        let report = try #require(producer.reports().first)
        #expect(report.error?.name == name && report.error?.isRetriable == false)
        #expect(report.persistence == .notPersisted)
    }

    @Test func `a lost broker is told as an error event and a log line`() throws {
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        try producer.produce(to: producer.topic("events"), key: "k", opaque: 1)
        _ = producer.reports()
        try embedded.cluster.brokerDown()
        try producer.produce(to: producer.topic("events"), key: "k", opaque: 2)
        var errors: [KafkaError] = []
        var lines: [LogLine] = []
        let end = ContinuousClock.now + .seconds(10)
        while errors.isEmpty || lines.isEmpty, ContinuousClock.now < end {
            producer.flush(deadline: .milliseconds(100)) { event in
                if case .error(let error) = event { errors.append(error) }
                if case .log(let line) = event { lines.append(line) }
            }
        }
        #expect(errors.contains { $0.isRetriable })
        #expect(lines.contains { $0.facility == "FAIL" && $0.severity <= 7 && !$0.text.isEmpty })
        try embedded.cluster.brokerUp()
    }

    @Test func `after a fatal error the owner closes the producer and builds a new one`() throws {
        let producer = try Producer(embedded.producerSettings())
        let topic = try producer.topic("events")
        try embedded.cluster.brokerDown()
        try producer.produce(to: topic, key: "k", opaque: 1)
        #expect(producer.fatalError == nil)
        producer.raiseFatalError(code: 45, reason: "the sequence is broken")

        var fatal: [KafkaError] = []
        var failed: [UInt] = []
        let take: (ProducerEvent) -> Void = { event in
            if case .fatal(let error) = event { fatal.append(error) }
            if case .delivered(let report) = event, report.error != nil { failed.append(report.opaque) }
        }
        while fatal.isEmpty { producer.drain(take) }
        let error = #expect(throws: KafkaError.self) { try producer.produce(to: topic, key: "k", opaque: 2) }
        #expect(error?.isFatal == true && error?.name == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(error?.message.contains("the sequence is broken") == true)
        #expect(producer.fatalError == error && fatal.first == error)
        producer.close(take)
        #expect(failed == [1])

        try embedded.cluster.brokerUp()
        let next = try Producer(embedded.producerSettings())
        defer { next.close() }
        try next.produce(to: next.topic("events"), key: "k", opaque: 3)
        #expect(next.reports().map(\.error) == [nil])
    }

    @Test func `a fatal error reaches those who wait for an acknowledgement`() async throws {
        try embedded.cluster.brokerDown()
        let (events, continuation) = AsyncStream.makeStream(of: ProducerEvent.self)
        let producer = try Producer(
            embedded.producerSettings(),
            delivery: .awaited { event in continuation.yield(event) }
        )
        async let waiting = outcome { () throws(KafkaError) in try await producer.send(embedded.record(key: "k")) }
        while producer.unreportedCount == 0 { await Task.yield() }
        producer.raiseFatalError(code: 45, reason: "the sequence is broken")
        for await event in events {
            if case .fatal(let error) = event {
                #expect(error.name == "OUT_OF_ORDER_SEQUENCE_NUMBER")
                break
            }
        }
        producer.close()
        #expect(await waiting != nil)
    }
}
