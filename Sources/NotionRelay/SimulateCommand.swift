import NotionWebhooks
import Operations
import Simulator
import Timestamps

struct SimulateCommand {
    let context: CommandContext

    /// Exit 1 when a delivery was given up, not settled, or accepted though it was tampered with.
    func deliver() async throws -> ExitStatus {
        let settings = context.settings
        guard let token = VerificationToken(settings[\.simulate.token].revealed()) else {
            throw UsageError("--token is empty, longer than 512 bytes or holds other than visible ASCII")
        }
        var options = DeliverOptions(
            url: settings[\.simulate.url],
            token: token,
            startingAtMilliseconds: Timestamp.now(),
            ledgerPath: settings[\.simulate.ledger]
        )
        options.count = settings[\.simulate.count]
        options.entities = settings[\.simulate.entities]
        options.seed = UInt64(settings[\.simulate.seed])
        options.rate = settings[\.simulate.rate]
        options.connections = settings[\.simulate.connections]
        options.duplicateShare = settings[\.simulate.duplicate]
        options.tamperShare = settings[\.simulate.tamper]
        options.timeScale = settings[\.simulate.timeScale]
        options.deadline = settings[\.simulate.deadline]
        options.authoritiesFile = settings[\.simulate.authorities]
        let summary = try await Simulator.deliver(options) { StandardStreams.notice($0) }
        StandardStreams.data(summary.table)
        return summary.isOK ? .success : .failure
    }

    /// Exit 1 when anything that was answered 200 is missing or out of order.
    func check() async throws -> ExitStatus {
        let settings = context.settings
        let summary = try await Simulator.check(
            client: context.client,
            topic: settings[\.topic],
            ledgerPath: settings[\.simulate.ledger],
            deadline: settings[\.simulate.deadline]
        ) { StandardStreams.notice($0) }
        StandardStreams.data(summary.table)
        return summary.isOK ? .success : .failure
    }
}
