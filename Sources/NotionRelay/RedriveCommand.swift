import Foundation
import Kafka
import NotionEvents
import Operations
import OrderedConsumer
import Replayer

/// `redrive`: a group's dead letters back to their topic, until they are handled or the command is stopped.
struct RedriveCommand {
    let context: CommandContext

    /// Fails when something failed again, is not handled yet, or was interrupted.
    func run() async throws -> ExitStatus {
        let stop = StopSignal(deadline: ReplayCommand.stopDeadline)
        let notices = ProgressNotices(every: .milliseconds(100))
        defer { notices.end() }
        let redriver = try Redriver(
            try options(),
            run: UUID().uuidString.lowercased(),
            isStopped: { stop.isRaised },
            progress: { Self.show($0, on: notices) }
        )
        let summary = try await redriver.run()
        notices.end()
        StandardStreams.show(isJSON: context.settings[\.redrive.format] == .json, summary.json, summary.lines)
        return summary.isOK ? .success : .failure
    }

    private func options() throws -> RedriveOptions {
        let settings = context.settings
        var options = RedriveOptions(
            client: context.client,
            topics: try GroupTopics(topic: settings[\.topic], group: settings[\.consumer.group])
        )
        options.entity = settings[\.redrive.entity]
        guard let patterns = TypePatterns(settings[\.redrive.type]) else {
            throw UsageError("--type: write event types such as page.created, page.* or *, separated by commas")
        }
        options.types = patterns
        options.reasons = Set(settings[\.redrive.reason])
        if let wrong = options.reasons.first(where: { DeadLetterReason($0) == nil }) {
            throw UsageError("--reason \(wrong): a reason is a word of a-z, 0-9 and _, such as attempts or parked")
        }
        options.redrivesMax = settings[\.redrive.redrivesMax]
        options.rate = settings[\.redrive.rate]
        options.isDryRun = settings[\.redrive.dryRun]
        options.wait = settings[\.redrive.wait]
        return options
    }

    private static func show(_ progress: Redriver.Progress, on notices: ProgressNotices) {
        switch progress {
        case .reading(let reading): show("reading", reading.records, reading.recordsMax, "dead letters", on: notices)
        case .sent(let sent, let total): show("sent", Int64(sent), Int64(total), "dead letters", on: notices)
        case .waiting(let keys): show("waiting", Int64(keys), Int64(keys), "entities to be handled", on: notices)
        case .refused(let place, let why):
            StandardStreams.notice("redrive: the dead letter \(place) stays where it is: \(why)")
        }
    }

    private static func show(
        _ step: String,
        _ count: Int64,
        _ total: Int64,
        _ what: String,
        on notices: ProgressNotices
    ) {
        notices.show {
            ["\(step) \(count) of \(total) \(what)"]
        } json: {
            #"{"step":"\#(step)","count":\#(count),"of":\#(total)}"#
        }
    }
}
