import CRdKafka
import Foundation
import Kafka
import TestSupport

/// A replay beside the least that any program has to do for it, a bare loop; each in processes of its own, to a topic
/// of its own.
struct Replays: Codable, Sendable {
    static let partitions = 12

    enum Contender: String, Codable, CaseIterable, Sendable {
        /// Straight on librdkafka.
        case loop
        /// As `notion-relay replay` does it.
        case replay
        /// The same with a name, so that it writes checkpoints.
        case named
    }

    struct Sample: Codable, Sendable {
        let contender: Contender
        let round: Int
        let recordsPerSecond: Double
        let cpuMicroseconds: Double
        let brokerCPUMicroseconds: Double
        let peakBytes: Int
    }

    /// Medians over the rounds; ratios are medians of the ratios within each round.
    struct Row: Codable, Sendable {
        let contender: Contender
        let recordsPerSecond: Double
        let rateOverLoop: Double
        let cpuMicroseconds: Double
        let cpuOverLoop: Double
        let brokerCPUMicroseconds: Double
        let peakBytesMax: Int
    }

    let records: Int
    let keys: Int
    let valueBytes: Double
    let headerBytes: Double
    let headers: Int
    let prefetchKibibytes: Int
    let samples: [Sample]
    let rows: [Row]

    /// Nil when there is no Kafka to start.
    static func measure(_ options: BenchOptions) async throws -> Replays? {
        guard let topic = try await EventTopic.filled(options.replayRecords, partitions: partitions) else { return nil }
        Benchmark.notice("a first loop, which does not count: it warms the broker")
        _ = try await sample(.loop, 0, topic)
        var samples: [Sample] = []
        for round in 1...options.rounds {
            // Each is first and last in turn.
            for contender in round.isMultiple(of: 2) ? Contender.allCases.reversed() : Contender.allCases {
                Benchmark.notice("round \(round) of \(options.rounds): \(contender)")
                samples.append(try await sample(contender, round, topic))
            }
        }
        return Replays(topic, samples)
    }

    private init(_ topic: EventTopic, _ samples: [Sample]) {
        records = topic.records
        keys = EventTopic.keys
        valueBytes = topic.valueBytes
        headerBytes = topic.headerBytes
        headers = topic.headers
        prefetchKibibytes = LoopClient.prefetchKibibytes
        self.samples = samples
        rows = Contender.allCases.map { contender in
            Self.row(
                contender,
                samples.filter { $0.contender == contender },
                loops: samples.filter { $0.contender == .loop }
            )
        }
    }

    private static func row(_ contender: Contender, _ own: [Sample], loops: [Sample]) -> Row {
        let pairs = own.flatMap { sample in loops.filter { $0.round == sample.round }.map { (sample, $0) } }
        return Row(
            contender: contender,
            recordsPerSecond: own.map(\.recordsPerSecond).median,
            rateOverLoop: pairs.map { $0.recordsPerSecond / $1.recordsPerSecond }.median,
            cpuMicroseconds: own.map(\.cpuMicroseconds).median,
            cpuOverLoop: pairs.map { $0.cpuMicroseconds / $1.cpuMicroseconds }.median,
            brokerCPUMicroseconds: own.map(\.brokerCPUMicroseconds).median,
            peakBytesMax: own.map(\.peakBytes).max() ?? 0
        )
    }

    private static func sample(_ contender: Contender, _ round: Int, _ topic: EventTopic) async throws -> Sample {
        let topics = ReplayTopics(topic: topic)
        let target = "\(contender)-\(round)"
        try await topics.create(target)
        let before = topic.brokerCPUSeconds
        let child = try Benchmark.child(command(contender, topic, target: target))
        // Limit: a hundred times what it takes.
        let status = try await withTimeout(.seconds(600), target) { await child.exitStatus() }
        let broker = topic.brokerCPUSeconds - before
        let lines = child.errors.all + child.output.all
        guard status == .exited(0), let figures = SpanFigures(lines), let peakBytes = figures.peakBytes else {
            throw BenchmarkFailure(description: "\(target): \(status): \(lines.suffix(15))")
        }
        let arrived = try await topics.records(in: target)
        guard arrived == topic.records else {
            throw BenchmarkFailure(description: "\(target) holds \(arrived) records instead of \(topic.records)")
        }
        try topics.delete(target)
        return Sample(
            contender: contender,
            round: round,
            recordsPerSecond: figures.recordsPerSecond,
            cpuMicroseconds: figures.cpuMicroseconds,
            brokerCPUMicroseconds: broker * 1e6 / Double(topic.records),
            peakBytes: peakBytes
        )
    }

    private static func command(_ contender: Contender, _ topic: EventTopic, target: String) -> [String] {
        switch contender {
        case .loop: BareLoop.command(topic, target: target)
        case .replay: OwnReplay.command(topic, target: target, name: nil)
        case .named: OwnReplay.command(topic, target: target, name: target)
        }
    }
}

/// Topics to replay to, each for one run.
struct ReplayTopics {
    let topic: EventTopic

    private var client: ClientSettings { ClientSettings(bootstrapServers: [topic.bootstrapServers]) }

    func create(_ name: String) async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        // Files of a deleted topic are removed at once, which frees the disk.
        try await admin.createTopic(
            name,
            partitions: topic.partitions,
            replicationFactor: 1,
            config: ["file.delete.delay.ms": "0"]
        )
        // A busy broker may answer before it knows the topic itself.
        try await eventually(within: .seconds(30), name) {
            try await admin.describeTopics([name], includingConfig: false)[name]
        }
    }

    /// Records in all of its partitions.
    func records(in name: String) async throws -> Int {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        var records = 0
        for partition in 0..<Int32(topic.partitions) {
            records += try await consumer.watermarks(of: name, partition: partition).count
        }
        return records
    }

    /// Our binding deletes no topics.
    func delete(_ name: String) throws {
        let client = try LoopClient(RD_KAFKA_PRODUCER, ["bootstrap.servers": topic.bootstrapServers]).pointer
        let queue = rd_kafka_queue_new(client)
        var request = rd_kafka_DeleteTopic_new(name)
        rd_kafka_DeleteTopics(client, &request, 1, nil, queue)
        guard let answer = rd_kafka_queue_poll(queue, 30_000),
            rd_kafka_event_error(answer) == RD_KAFKA_RESP_ERR_NO_ERROR
        else { throw BenchmarkFailure(description: "\(name) could not be deleted") }
        rd_kafka_event_destroy(answer)
        rd_kafka_DeleteTopic_destroy(request)
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy(client)
    }
}
