import Kafka
import NotionEvents
import NotionWebhooks
import Simulator
import TestSupport

/// A topic of a real one-node Kafka, full of events as the edge writes them.
struct EventTopic: Sendable {
    static let name = "notion.events.v1"
    static let keys = Load.entities

    let records: Int
    let partitions: Int
    /// On average: of the values, and of headers' names and values.
    let valueBytes: Double
    let headerBytes: Double
    let headers: Int
    private let kafka: KafkaNode

    var bootstrapServers: String { kafka.bootstrapServers }

    /// The broker's user and system time so far; 0 when it is gone.
    var brokerCPUSeconds: Double { kafka.pid.flatMap { ProcessUsage(pid: $0) }?.cpuSeconds ?? 0 }

    /// Nil when there is no Kafka to start.
    static func filled(_ records: Int, partitions: Int = 1) async throws -> EventTopic? {
        guard case .success = KafkaDistribution.installed else { return nil }
        let kafka = try await KafkaNode.start(heapMegabytes: 768)
        let client = ClientSettings(bootstrapServers: [kafka.bootstrapServers])
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic(name, partitions: partitions, replicationFactor: 1)
        Benchmark.notice("writing \(records) events")
        return try EventTopic(records, partitions, client, kafka)
    }

    private init(_ records: Int, _ partitions: Int, _ client: ClientSettings, _ kafka: KafkaNode) throws {
        let producer = try Producer(ProducerSettings(client: client))
        defer { producer.close() }
        let topic = try producer.topic(Self.name)
        let body = RawRequests.bodies(entities: Self.keys)
        var record = EventRecord()
        var (valueBytes, headerBytes, written) = (0, 0, 0)
        let count: (ProducerEvent) -> Void = { event in
            if case .delivered(let report) = event, report.error == nil { written += 1 }
        }
        for index in 0..<records {
            // Limit: below what the producer may keep unreported.
            if producer.unreportedCount >= 40_000 { producer.flush(deadline: .seconds(60), count) }
            try Self.fill(&record, body(index))
            valueBytes += record.value.count
            headerBytes += try Self.produce(record, to: topic, producer)
        }
        producer.flush(deadline: .seconds(60), count)
        guard written == records else {
            throw BenchmarkFailure(description: "Kafka took \(written) of \(records) events")
        }
        self.records = records
        self.partitions = partitions
        self.valueBytes = Double(valueBytes) / Double(records)
        self.headerBytes = Double(headerBytes) / Double(records)
        headers = record.headerCount
        self.kafka = kafka
    }

    private static func fill(_ record: inout EventRecord, _ body: [UInt8]) throws {
        let delivery = try Delivery(decoding: body.span)
        let trace = TraceContext(random: InlineArray<24, UInt8> { _ in UInt8.random(in: 0...255) })
        record.fill(from: delivery, key: .entity, receivedAtMilliseconds: 1_791_277_201_234, traceparent: trace)
    }

    /// Returns the bytes of the headers.
    private static func produce(_ record: borrowing EventRecord, to topic: Topic, _ producer: Producer) throws -> Int {
        var headers = RecordHeaders(capacity: record.headerCount)
        var bytes = 0
        for index in 0..<record.headerCount {
            headers.append(record.headerName(index), record.headerValue(index))
            bytes += record.headerName(index).count + record.headerValue(index).count
        }
        try producer.produce(
            to: topic,
            key: record.key,
            value: record.value,
            headers: headers,
            timestampMilliseconds: 0,
            opaque: 0
        )
        return bytes
    }
}
