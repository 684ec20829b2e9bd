import EmbeddedKafka

@testable import Kafka

/// A cluster in this process with one topic, and clients for it that differ from the defaults where a test is faster.
final class EmbeddedTopic: Sendable {
    let cluster: EmbeddedCluster
    let name = "events"
    let partitions: Int

    init(partitions: Int = 3) throws {
        self.partitions = partitions
        cluster = try EmbeddedCluster()
        try cluster.createTopic(name, partitions: partitions)
    }

    var client: ClientSettings { ClientSettings(bootstrapServers: [cluster.bootstrapServers]) }

    func producerSettings(messageTimeoutMilliseconds: Int = 8000) -> ProducerSettings {
        ProducerSettings(
            client: client,
            lingerMilliseconds: 0,
            messageTimeoutMilliseconds: messageTimeoutMilliseconds
        )
    }

    func awaitedProducer(messageTimeoutMilliseconds: Int = 8000) throws -> Producer {
        let settings = producerSettings(messageTimeoutMilliseconds: messageTimeoutMilliseconds)
        return try Producer(settings, delivery: .awaited { _ in })
    }

    func consumer() throws -> Consumer { try Consumer(ConsumerSettings(client: client)) }

    func record(key: String, value: String = "v") -> Record {
        Record(topic: name, key: Array(key.utf8), value: Array(value.utf8))
    }
}

extension Consumer {
    /// Reads until each of `partitions` has come to its end.
    func readToEnd(partitions: Int) async throws -> [Record] {
        var records: [Record] = []
        var ended: Set<Int32> = []
        while ended.count < partitions {
            let batch = try await next(deadlineMilliseconds: 10_000)
            if batch.isEmpty { throw KafkaError(code: -185, detail: "the ends of the partitions never came") }
            records += batch.records
            ended.formUnion(batch.ends.map(\.partition))
        }
        return records
    }
}

extension Producer {
    /// Hands over a small record.
    func produce(to topic: Topic, key: String, opaque: UInt) throws(KafkaError) {
        try produce(
            to: topic,
            key: Array(key.utf8).span,
            value: [UInt8]("v".utf8).span,
            headers: RecordHeaders(capacity: 0),
            timestampMilliseconds: 0,
            opaque: opaque
        )
    }

    /// The reports that come until all records are reported.
    func reports(within deadline: Duration = .seconds(10)) -> [DeliveryReport] {
        var reports: [DeliveryReport] = []
        flush(deadline: deadline) { event in
            if case .delivered(let report) = event { reports.append(report) }
        }
        return reports
    }
}
