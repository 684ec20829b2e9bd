/// What ``LedgerCheck`` found.
package struct CheckSummary: Sendable, Equatable {
    /// A count of failures with the ids of the first of them.
    package struct Failure: Sendable, Equatable {
        package private(set) var count = 0
        package private(set) var examples: [String] = []

        mutating func add(_ id: SimulatedID) {
            count += 1
            if examples.count < LedgerCheck.examplesMax { examples.append(id.description) }
        }
    }

    /// Lines of the ledger.
    package internal(set) var entries = 0
    package internal(set) var entities = 0
    /// Events that were answered 2xx, each of which must be in the topic.
    package internal(set) var acknowledged = 0
    package internal(set) var duplicatesAcknowledged = 0
    package internal(set) var tampered = 0
    /// Records of the topic.
    package internal(set) var records = 0
    /// Records beyond the first of an event: retries whose acknowledgement was lost, and duplicates.
    package internal(set) var duplicateRecords = 0
    /// Records that the ledger does not know: other senders' or an earlier run's. Not a failure.
    package internal(set) var foreign = 0
    /// Events that were never answered 2xx and yet lie in the topic. Not a failure: at least once.
    package internal(set) var unacknowledgedPresent = 0
    /// The simulator was killed while it wrote the ledger's last line.
    package internal(set) var isLedgerCut = false

    /// Acknowledged, but not in the topic.
    package internal(set) var missing = Failure()
    /// Acknowledged after another event of their entity and connection, but lying before it.
    package internal(set) var outOfOrder = Failure()
    /// In another partition than the earlier events of their entity and connection.
    package internal(set) var scattered = Failure()
    /// Changed after signing, and in the topic all the same.
    package internal(set) var tamperedPresent = Failure()
    /// Changed after signing, and answered 2xx all the same.
    package internal(set) var tamperedAcknowledged = Failure()

    package init() {}

    package var isOK: Bool { failures.allSatisfy { $0.failure.count == 0 } }

    private var failures: [(name: String, failure: Failure)] {
        [
            ("missing", missing), ("out_of_order", outOfOrder), ("scattered", scattered),
            ("tampered_present", tamperedPresent), ("tampered_acknowledged", tamperedAcknowledged),
        ]
    }

    private var report: SummaryReport {
        var report = SummaryReport()
        report.add("ok", isOK)
        report.add("entries", entries)
        report.add("entities", entities)
        report.add("acknowledged", acknowledged)
        report.add("duplicates_acknowledged", duplicatesAcknowledged)
        report.add("tampered", tampered)
        report.add("records", records)
        report.add("duplicate_records", duplicateRecords)
        report.add("foreign_records", foreign)
        report.add("unacknowledged_present", unacknowledgedPresent)
        if isLedgerCut { report.add("ledger_cut", true) }
        for (name, failure) in failures {
            report.add(name, failure.count)
            if !failure.examples.isEmpty { report.add(name + "_ids", failure.examples) }
        }
        return report
    }

    /// One line a figure.
    package var table: String { report.table }
    /// One object on one line.
    package var json: String { report.json }
}
