import Kafka
import Operations

/// `tail`: prints records of a topic, live or from a point on, until the count, the end or Ctrl-C.
struct TailCommand {
    // Limit: what is asked of the consumer at once; a person's terminal is slower than that.
    private static let batchMax = 1_000
    private static let pollMilliseconds = 200

    let context: CommandContext

    func run() async throws -> ExitStatus {
        let settings = context.settings
        let consumer = try Consumer(ConsumerSettings(client: context.client))
        defer { consumer.close() }
        let stop = StopSignal()
        let partitions = try await consumer.assign(settings.string(.topic), from: position)
        var unread = Set(partitions)
        var left = settings.int(ifSet: .tailCount) ?? Int.max
        let format = TailFormat(rawValue: settings.string(.tailFormat)) ?? .table
        if format == .table { StandardStreams.data(TailFormat.heading) }
        while left > 0, !stop.isRaised {
            let batch = try await consumer.next(
                max: min(left, Self.batchMax),
                deadlineMilliseconds: Self.pollMilliseconds
            )
            for error in batch.errors { context.log.warning("kafka_error", ["error": error.description]) }
            let lines = batch.records.map { format.line($0) }
            if !lines.isEmpty { StandardStreams.data(lines.joined(separator: "\n")) }
            left -= batch.records.count
            unread.subtract(batch.ends.map(\.partition))
            if settings.flag(.tailExitAtEnd), unread.isEmpty { break }
        }
        return .success
    }

    private var position: Position {
        switch context.settings.position(.tailFrom) {
        case .beginning: .beginning
        case .end: .end
        case .time(let milliseconds): .timestamp(milliseconds: milliseconds)
        }
    }
}
