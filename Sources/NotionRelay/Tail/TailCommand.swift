import Kafka
import Operations
import RecordOutput
import Timestamps

/// `tail`: prints records of a topic, live or from a point on, until the count, the end or Ctrl-C.
struct TailCommand {
    // Limit: what is asked of the consumer at once, and what is written at once of it.
    private static let batchMax = 1_000
    private static let outputBytesMax = 256 << 10
    private static let pollMilliseconds = 200

    let context: CommandContext

    func run() async throws -> ExitStatus {
        let options = try TailOptions(context.settings)
        let consumer = try Consumer(ConsumerSettings(client: context.client))
        defer { consumer.close() }
        let stop = StopSignal()
        let status = StatusLine()
        defer { status.clear() }
        let begin = ContinuousClock.now
        var tally = ReadingTally(partitions: try await options.start.assign(options.topic, consumer).count)
        if !options.format.heading.isEmpty { StandardStreams.data(bytes: options.format.heading) }
        while tally.shown < options.countMax, !stop.isRaised {
            let batch = try await consumer.next(max: Self.batchMax, deadlineMilliseconds: Self.pollMilliseconds)
            for error in batch.errors { context.log.limited(.warning, "kafka_error", ["error": error.description]) }
            show(batch.records, options, &tally)
            for end in batch.ends { tally.add(end) }
            if options.exitsAtEnd, tally.wasAtAllEnds { break }
            status.show { [tally.status(elapsed: begin.duration(to: .now), nowMilliseconds: Timestamp.now())] }
        }
        status.clear()
        if tally.read == 0, options.exitsAtEnd, !stop.isRaised {
            StandardStreams.notice("notion-relay: \(options.topic) has no records there")
        }
        if options.showsStatistics {
            StandardStreams.notice("notion-relay: \(tally.summary(elapsed: begin.duration(to: .now)))")
        }
        return .success
    }

    private func show(_ records: [Record], _ options: TailOptions, _ tally: inout ReadingTally) {
        var output: [UInt8] = []
        for record in records where tally.shown < options.countMax {
            let isWanted = options.wants(record)
            tally.add(record, isShown: isWanted)
            guard isWanted else { continue }
            options.format.write(record, to: &output)
            guard output.count > Self.outputBytesMax else { continue }
            StandardStreams.data(bytes: output)
            output = []
        }
        if !output.isEmpty { StandardStreams.data(bytes: output) }
    }
}
