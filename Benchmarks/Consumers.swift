import Foundation
import TestSupport

/// The ordered consumer, and perhaps a peer of it, beside a bare read of the same topic; each in processes of its own.
struct Consumers: Codable, Sendable {
    static let lanes = 100
    /// Limit: librdkafka before 2.2 fetches about this much of a partition in a second, and our consumer must not wait
    /// for it.
    static let prefetchKibibytes = 262_144

    /// Records that are handled, and how long each takes.
    struct Work: Codable, Sendable, Equatable {
        let records: Int
        let handlerMilliseconds: Int
        /// Calls a second that all lanes together could make at most; nil without a pause.
        var rateMax: Double? {
            handlerMilliseconds == 0 ? nil : Double(Consumers.lanes) * 1000 / Double(handlerMilliseconds)
        }
    }

    struct Sample: Codable, Sendable {
        let contender: String
        let work: Work
        let round: Int
        let recordsPerSecond: Double
        let cpuMicroseconds: Double
        /// Nil when a peer does not print it.
        let orderViolations: Int?
        let peakBytes: Int?
    }

    /// Medians over the rounds; ratios are medians of the ratios within each round.
    struct Row: Codable, Sendable {
        let contender: String
        let work: Work
        let recordsPerSecond: Double
        let cpuMicroseconds: Double
        let cpuOverBare: Double
        let orderViolations: Int?
        let peakBytesMax: Int?
    }

    let prefetchKibibytes: Int
    let lanes: Int
    let keys: Int
    let valueBytes: Double
    let headerBytes: Double
    let headers: Int
    let samples: [Sample]
    let rows: [Row]
    /// Of the rates without a pause.
    let rateOverPeer: Double?

    /// Nil when there is no Kafka to start.
    static func measure(_ options: BenchOptions) async throws -> Consumers? {
        guard let topic = try await EventTopic.filled(options.consumerRecords) else { return nil }
        let idle = Work(records: topic.records, handlerMilliseconds: 0)
        // Limit: some six seconds' worth.
        let busy = Work(records: min(topic.records, 60_000), handlerMilliseconds: 10)
        var samples: [Sample] = []
        for round in 1...options.rounds {
            for work in [idle, busy] {
                let peer = options.consumerPeer.map { peer in ("peer", { try peer.start(topic, work) }) }
                let own = [
                    ("bare", { try Benchmark.child(BareReader.command(topic, work)) }),
                    ("keyed", { try Benchmark.child(KeyedReader.command(topic, work)) }),
                ]
                for (name, start) in own + (peer.map { [$0] } ?? []) where name != "bare" || work == idle {
                    Benchmark.notice("round \(round) of \(options.rounds): \(name), \(work.handlerMilliseconds) ms")
                    samples.append(try await sample(name, work, round, try start()))
                }
            }
        }
        return Consumers(topic, samples)
    }

    private init(_ topic: EventTopic, _ samples: [Sample]) {
        prefetchKibibytes = Self.prefetchKibibytes
        lanes = Self.lanes
        keys = EventTopic.keys
        valueBytes = topic.valueBytes
        headerBytes = topic.headerBytes
        headers = topic.headers
        self.samples = samples
        let kinds = samples.filter { $0.round == 1 }
        rows = kinds.map { kind in
            Self.row(samples.filter { $0.contender == kind.contender && $0.work == kind.work }, samples)
        }
        let peers = samples.filter { $0.contender == "peer" && $0.work.handlerMilliseconds == 0 }
        let ratios = peers.flatMap { peer in
            samples.filter { $0.contender == "keyed" && $0.work == peer.work && $0.round == peer.round }
                .map { $0.recordsPerSecond / peer.recordsPerSecond }
        }
        rateOverPeer = ratios.isEmpty ? nil : ratios.median
    }

    private static func row(_ own: [Sample], _ samples: [Sample]) -> Row {
        let ratios = own.flatMap { sample in
            samples.filter { $0.contender == "bare" && $0.round == sample.round }
                .map { sample.cpuMicroseconds / $0.cpuMicroseconds }
        }
        let violations = own.compactMap(\.orderViolations)
        return Row(
            contender: own[0].contender,
            work: own[0].work,
            recordsPerSecond: own.map(\.recordsPerSecond).median,
            cpuMicroseconds: own.map(\.cpuMicroseconds).median,
            cpuOverBare: ratios.median,
            orderViolations: violations.isEmpty ? nil : violations.reduce(0, +),
            peakBytesMax: own.compactMap(\.peakBytes).max()
        )
    }

    private static func sample(
        _ contender: String,
        _ work: Work,
        _ round: Int,
        _ child: ChildProcess
    ) async throws -> Sample {
        // Limit: ten times what a slow peer takes.
        let status = try await withTimeout(.seconds(600), contender) { await child.exitStatus() }
        let lines = child.errors.all + child.output.all
        guard status == .exited(0), let figures = SpanFigures(lines) else {
            throw BenchmarkFailure(description: "\(contender): \(status): \(lines.suffix(15))")
        }
        return Sample(
            contender: contender,
            work: work,
            round: round,
            recordsPerSecond: figures.recordsPerSecond,
            cpuMicroseconds: figures.cpuMicroseconds,
            orderViolations: figures.orderViolations,
            peakBytes: figures.peakBytes
        )
    }
}

/// Another consumer that keeps the order of keys, as a command line.
struct ConsumerPeer: Codable, Sendable {
    let command: String

    init(_ command: String) { self.command = command }

    /// Started without a shell: words are separated by spaces, and can be quoted.
    func start(_ topic: EventTopic, _ work: Consumers.Work) throws -> ChildProcess {
        let values = [
            "{bootstrap}": topic.bootstrapServers, "{topic}": EventTopic.name, "{count}": String(work.records),
            "{lanes}": String(Consumers.lanes), "{handler_ms}": String(work.handlerMilliseconds),
        ]
        let words = Self.words(command).map { word in
            values.reduce(word) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
        }
        guard let program = words.first else {
            throw BenchOptions.UsageError(description: "--consumer-peer \"\(command)\": there is no command in it")
        }
        return try ChildProcess(program, Array(words.dropFirst()), environment: ProcessInfo.processInfo.environment)
    }

    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            switch (quote, character) {
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (let open?, _) where open == character: quote = nil
            case (nil, " "):
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
