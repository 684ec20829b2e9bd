import EmbeddedKafka
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct StatisticsTests {
    @Test func `the figures of a running producer are read, and say when it is warm`() throws {
        let embedded = try EmbeddedTopic()
        var settings = embedded.producerSettings()
        settings.statisticsIntervalMilliseconds = 50
        let producer = try Producer(settings)
        defer { producer.close() }
        let topic = try producer.topic("events")
        for number in 1...30 as ClosedRange<UInt> { try producer.produce(to: topic, key: "k", opaque: number) }
        _ = producer.reports()
        var last: Statistics?
        let end = ContinuousClock.now + .seconds(20)
        while last?.isWarm != true || last?.messagesSent != 30, ContinuousClock.now < end {
            producer.drain { event in
                if case .statistics(let json) = event { last = Statistics(json: json) }
            }
        }
        let found = try #require(last)
        #expect(found.clientName.hasPrefix("notion-relay#producer"))
        #expect(found.messagesSent == 30 && found.messagesQueued == 0 && found.messageBytesSent > 0)
        #expect(found.messagesMax == 50_000 && found.bytesMax == 131_072 * 1024)
        let idempotence = try #require(found.idempotence)
        #expect(idempotence.isAssigned && idempotence.producerID >= 0 && idempotence.epoch >= 0)
        let broker = try #require(found.brokers.first { $0.id == 1 })
        #expect(broker.isUp && broker.name == "\(embedded.cluster.bootstrapServers)/1" && broker.sendErrors == 0)
        #expect(found.topics.map(\.name) == ["events"])
    }

    private let document = """
        {"name":"a\\"b","msg_cnt":3,"msg_size":70,"txmsgs":9,"replyq":2,"brokers":{"x:1/1":{"name":"x:1/1","nodeid":1,
        "state":"DOWN","txerrs":4,"req_timeouts":5,"rtt":{"avg":7,"p50":6,"p99":8,"cnt":2}, "toppars":{ }}},
        "list":[1,-2.5,true,[{}]],"eos":{"idemp_state":"Assigned","producer_id":12345678901,"producer_epoch":0}}
        """

    @Test func `figures are taken from their places and missing ones are 0`() throws {
        let found = try #require(Statistics(json: Array(document.utf8)))
        #expect(found.clientName == "a\"b" && found.messagesQueued == 3 && found.bytesQueued == 70)
        #expect(found.messagesSent == 9 && found.eventsQueued == 2 && found.messagesMax == 0)
        let broker = try #require(found.brokers.first)
        #expect(broker.sendErrors == 4 && broker.requestTimeouts == 5 && broker.roundTrip.p99 == 8)
        #expect(found.idempotence == Statistics.Idempotence(state: "Assigned", producerID: 12_345_678_901, epoch: 0))
        #expect(!broker.isUp && !found.isWarm)
    }

    @Test func `whatever is cut off or is not an object is refused, never read beyond`() {
        let bytes = Array(document.utf8)
        for count in 0..<bytes.count { #expect(Statistics(json: Array(bytes[..<count])) == nil, "\(count) bytes") }
        for text in ["", "[]", "1", "{\"a\"}", "{\"a\":}", String(repeating: "[", count: 100_000)] {
            #expect(Statistics(json: Array(text.utf8)) == nil)
        }
    }
}
