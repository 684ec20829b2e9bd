package import Kafka
import Synchronization

/// Throws when there is no verdict. `progress` gets a line about once a second.
package func check(
    client: ClientSettings,
    topic: String,
    ledgerPath: String,
    deadline: Duration = .seconds(600),
    progress: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> CheckSummary {
    var check = LedgerCheck()
    let isCut = try LedgerReader(path: ledgerPath).read { entry throws(LedgerFlaw) in try check.add(entry) }
    let nextLine = Mutex(ContinuousClock.now + .seconds(1))
    let reader = TopicReader(client: client, topic: topic, limit: .total(deadline)) { state in
        let isDue = nextLine.withLock { next in
            guard ContinuousClock.now >= next else { return false }
            next += .seconds(1)
            return true
        }
        if isDue { progress("\(state.records) of \(state.recordsMax) records read") }
    }
    try await reader.readAll { record in
        guard let partition = record.partition, let offset = record.offset else { return }
        check.observe(partition: partition, offset: offset, id: eventID(of: record))
    }
    var summary = check.verdict()
    summary.isLedgerCut = isCut
    return summary
}

private func eventID(of record: Record) -> SimulatedID? {
    guard let value = record.headers.first(where: { $0.name == "ce_id" })?.value else { return nil }
    return SimulatedID(value.span)
}
