import Foundation
import Kafka
import Operations
import RecordOutput
import Replayer
import Timestamps

/// `tail`: prints records of a topic, live or from a point on, until the count, the end or Ctrl-C.
struct TailCommand {
    // Limit: what is taken from the consumer at once, and what is written at once.
    private static let batchMax = 1_000
    private static let outputBytesMax = 256 << 10
    private static let pollMilliseconds = 200
    // Limit: a reader of stdout that takes nothing for so long gets no more; some polls, and time to close.
    static let stopDeadline = Duration.seconds(5)

    let context: CommandContext
    private let start: TailStart
    private let filter: RecordFilter
    private let search: RecordSearch?
    private let format: RecordFormat
    private let countMax: Int

    init(_ context: CommandContext) throws {
        let settings = context.settings
        self.context = context
        start = try TailStart(settings)
        filter = try RecordFilter(settings, SettingsTable.shared.tail.filter)
        search = try settings[\.tail.grep].map { try RecordSearch($0) }
        let colors = TerminalColors(ofOutput: settings[\.tail.color])
        format = try RecordFormat(settings[\.tail.format], colors: colors, isForTerminal: StandardOutput.isTerminal)
        countMax = settings[\.tail.count] ?? Int.max
    }

    func run() async throws -> ExitStatus {
        let topic = context.settings[\.topic]
        let exitsAtEnd = context.settings[\.tail.exitAtEnd]
        let consumer = try Consumer(ConsumerSettings(client: context.client))
        defer { consumer.close() }
        let stop = StopSignal(deadline: Self.stopDeadline)
        let status = StatusLine()
        defer { status.clear() }
        let begin = ContinuousClock.now
        var tally = ReadingTally(partitions: try await start.assign(topic, consumer).count)
        if !format.heading.isEmpty { try StandardStreams.stream(bytes: format.heading) }
        while tally.shown < countMax, !stop.isRaised {
            let batch = try await consumer.next(max: Self.batchMax, deadlineMilliseconds: Self.pollMilliseconds)
            for error in batch.errors { context.log.limited(.warning, "kafka_error", ["error": error.description]) }
            try show(batch.records, &tally)
            for end in batch.ends { tally.add(end) }
            if exitsAtEnd, tally.wasAtAllEnds { break }
            status.show { [tally.status(elapsed: begin.duration(to: .now), nowMilliseconds: Timestamp.now())] }
        }
        status.clear()
        if tally.read == 0, exitsAtEnd, !stop.isRaised {
            StandardStreams.notice("notion-relay: \(topic) has no records there")
        }
        if context.settings[\.tail.stats] || StandardError.isTerminal {
            StandardStreams.notice("notion-relay: \(tally.summary(elapsed: begin.duration(to: .now)))")
        }
        return .success
    }

    private func show(_ records: [Record], _ tally: inout ReadingTally) throws(OutputFailure) {
        var output: [UInt8] = []
        for record in records where tally.shown < countMax {
            let isWanted = filter.matches(record) && search?.isFound(in: record) ?? true
            tally.add(record, isShown: isWanted)
            guard isWanted else { continue }
            format.write(record, to: &output)
            guard output.count > Self.outputBytesMax else { continue }
            try StandardStreams.stream(bytes: output)
            output = []
        }
        if !output.isEmpty { try StandardStreams.stream(bytes: output) }
    }
}

/// Where `tail` begins: at a point of the whole topic, or some records before each partition's end.
enum TailStart {
    case position(Position)
    case last(Int)

    /// The setting from the more specific source wins; two from the same kind of source contradict each other.
    init(_ settings: ResolvedSettings) throws(UsageError) {
        let from = settings.source(\.tail.from)
        let last = settings.source(\.tail.last)
        if let count = settings[\.tail.last], last.rank >= from.rank {
            guard last.rank > from.rank else {
                throw UsageError("\(last) and \(from) both say where to start; leave one of them out")
            }
            self = .last(count)
            return
        }
        switch settings[\.tail.from] {
        case .beginning: self = .position(.beginning)
        case .end: self = .position(.end)
        case .time(let milliseconds): self = .position(.timestamp(milliseconds: milliseconds))
        }
    }

    func assign(_ topic: String, _ consumer: Consumer) async throws -> [Int32] {
        do {
            return try await start(topic, consumer)
        } catch {
            guard error.isUnknownTopic else { throw error }
            throw CommandFailure(
                "there is no topic \(topic); is --topic right? notion-relay topics apply creates the relay's topics"
            )
        }
    }

    private func start(_ topic: String, _ consumer: Consumer) async throws(KafkaError) -> [Int32] {
        switch self {
        case .position(let position): return try await consumer.assign(topic, from: position)
        case .last(let count):
            let partitions = Array(0..<Int32(try await consumer.partitionCount(of: topic)))
            for partition in partitions {
                let kept = try await consumer.watermarks(of: topic, partition: partition)
                let start = max(kept.lowerBound, kept.upperBound - Int64(count))
                try await consumer.assign(topic, from: .offset(start), partitions: [partition])
            }
            return partitions
        }
    }
}

extension SettingSource {
    /// The more specific source is higher: what is given for one run before what is given for all.
    fileprivate var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .flag: 3
        }
    }
}

extension RecordFilter {
    init(_ settings: ResolvedSettings, _ rows: SettingsTable.RecordFilter) throws {
        try self.init(
            entity: settings[rows.entity],
            type: settings[rows.type],
            workspace: settings[rows.workspace],
            id: settings[rows.id],
            occurredFrom: settings[rows.occurredFrom],
            occurredTo: settings[rows.occurredTo]
        )
    }
}
