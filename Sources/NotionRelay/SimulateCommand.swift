import NotionWebhooks
import Operations
import Simulator
import Timestamps

/// `simulate deliver` and `simulate check`.
struct SimulateCommand {
    let context: CommandContext

    /// Plays Notion. Exit 1 when a delivery was given up, not settled, or accepted though it was tampered with.
    func deliver() async throws -> ExitStatus {
        let settings = context.settings
        guard let secret = settings.secret(.simulateToken).first, let token = VerificationToken(secret.revealed())
        else {
            throw UsageError("--token is empty, longer than 512 bytes or holds other than visible ASCII")
        }
        var options = DeliverOptions(
            url: settings.string(.simulateURL),
            token: token,
            startingAtMilliseconds: Timestamp.now(),
            ledgerPath: settings.string(.simulateLedger)
        )
        options.count = settings.int(.simulateCount)
        options.entities = settings.int(.simulateEntities)
        options.seed = UInt64(settings.int(.simulateSeed))
        options.rate = settings.rate(ifSet: .simulateRate)
        options.connections = settings.int(.simulateConnections)
        options.duplicateShare = settings.number(.simulateDuplicate)
        options.tamperShare = settings.number(.simulateTamper)
        options.timeScale = settings.number(.simulateTimeScale)
        options.deadline = settings.duration(.simulateDeadline)
        options.authoritiesFile = settings.string(ifSet: .simulateAuthorities)
        let summary = try await Simulator.deliver(options) { StandardStreams.notice($0) }
        StandardStreams.data(summary.table)
        return summary.isOK ? .success : .failure
    }

    /// Holds the ledger against the topic. Exit 1 when anything that was answered 200 is missing or out of order.
    func check() async throws -> ExitStatus {
        let settings = context.settings
        var options = CheckOptions(
            client: context.client,
            topic: settings.string(.topic),
            ledgerPath: settings.string(.simulateLedger)
        )
        options.deadline = settings.duration(.simulateDeadline)
        let summary = try await Simulator.check(options) { StandardStreams.notice($0) }
        StandardStreams.data(summary.table)
        return summary.isOK ? .success : .failure
    }
}
