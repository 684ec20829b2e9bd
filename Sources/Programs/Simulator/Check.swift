package import Kafka
import Synchronization

package struct CheckOptions: Sendable {
    package var client: ClientSettings
    package var topic: String
    package var ledgerPath: String
    package var deadline: Duration = .seconds(600)

    package init(client: ClientSettings, topic: String, ledgerPath: String) {
        self.client = client
        self.topic = topic
        self.ledgerPath = ledgerPath
    }
}

/// Throws when there is no verdict. `progress` gets a line about once a second.
package func check(
    _ options: CheckOptions,
    progress: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> CheckSummary {
    var check = LedgerCheck()
    let isCut = try LedgerReader(path: options.ledgerPath).read { entry throws(LedgerFlaw) in try check.add(entry) }
    let nextLine = Mutex(ContinuousClock.now + .seconds(1))
    let reader = TopicReader(client: options.client, topic: options.topic, limit: .total(options.deadline)) { state in
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
