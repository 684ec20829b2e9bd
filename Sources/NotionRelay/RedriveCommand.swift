import Foundation
import Kafka
import NotionEvents
import Operations
import OrderedConsumer
import Replayer

/// `redrive`: a group's dead letters back to their topic, until they are handled or a stop is asked for.
struct RedriveCommand {
    let context: CommandContext

    /// Fails when something failed again, is not handled yet, or was interrupted.
    func run() async throws -> ExitStatus {
        let stop = StopSignal()
        let format = context.settings.string(.redriveFormat)
        let notices = RedriveNotices()
        defer { notices.end() }
        let redriver = try Redriver(
            try options(),
            run: UUID().uuidString.lowercased(),
            isStopped: { stop.isRaised },
            progress: { notices.show($0) }
        )
        let summary = try await redriver.run()
        notices.end()
        StandardStreams.data(format == "json" ? summary.json : summary.lines.joined(separator: "\n"))
        return summary.isOK ? .success : .failure
    }

    private func options() throws -> RedriveOptions {
        let settings = context.settings
        var options = RedriveOptions(
            client: context.client,
            topics: try GroupTopics(topic: settings.string(.topic), group: settings.string(.group))
        )
        options.entity = settings.string(ifSet: .redriveEntity)
        let types = (settings.string(ifSet: .redriveType) ?? "").split(separator: ",").map(String.init)
        guard let patterns = TypePatterns(types) else {
            throw UsageError("--type: write event types such as page.created, page.* or *, separated by commas")
        }
        options.types = patterns
        options.reasons = Set((settings.string(ifSet: .redriveReason) ?? "").split(separator: ",").map(String.init))
        if let wrong = options.reasons.first(where: { DeadLetterReason($0) == nil }) {
            throw UsageError("--reason \(wrong): a reason is a word of a-z, 0-9 and _, such as attempts or parked")
        }
        options.redrivesMax = settings.int(.redrivesMax)
        options.rate = settings.rate(ifSet: .redriveRate)
        options.isDryRun = settings.flag(.redriveDryRun)
        options.wait = settings.duration(.redriveWait)
        return options
    }
}
